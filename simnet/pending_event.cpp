#include "simnet/pending_event.hpp"

#include <algorithm>
#include <utility>

#include "simnet/kernel/kernel.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

void PendingEvent::add(Queue& queue, const World& world, const SimulatedHost& host) {
  const Kernel& kernel = host.kernel();
  for (const sched::Timers::Entry& due : kernel.timers().due(sched::never)) {
    queue.insert({due.deadline, {host.name(), sched::Timers::describe(*due.timer)}});
  }
  if (!host.running()) {
    return;
  }
  const sched::Instant turn = std::max({world.now(), kernel.busy_until(), host.paused_until_});
  for (const sched::Timers::Entry& due : host.scheduler().timers().due(sched::never)) {
    const sched::TaskRecord* task = sched::Timers::woken_by(*due.timer);
    const sched::Instant at = kernel.clock().world(due.deadline);
    queue.insert({std::max(at, turn),
                  {task == nullptr ? host.name() : task->path(),
                   sched::Timers::describe(*due.timer) + " ends"}});
  }
  // The task whose step begins or is under way; the host's next turn is behind it.
  const sched::TaskRecord* caller = kernel.caller();
  const std::string running = caller == nullptr ? std::string() : caller->path();
  for (const sched::TaskInfo& task : host.tasks()) {
    if (task.path == running) {
      queue.insert({world.now(), {task.path, "runs now"}});
    } else if (task.state == sched::TaskState::ready) {
      queue.insert({turn, {task.path, "runs"}});
    }
  }
}

PendingEvent::Queue PendingEvent::all(const World& world) {
  Queue queue;
  for (const auto& [at, action] : world.script_) {
    const bool is_own = action.where.line() == 0;
    queue.insert({at,
                  {"world", is_own ? "fault of a host begins or ends"
                                   : "action at " + line_of(action.where)}});
  }
  for (const auto& host : world.hosts_) {
    add(queue, world, *host);
  }
  for (const World::Condition& one : world.eventually_) {
    queue.insert({one.until, {"world", "deadline of '" + one.name + "'"}});
  }
  return queue;
}

}  // namespace rehearsal::simnet
