#include "simnet/stagnation.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iterator>
#include <source_location>
#include <utility>

#include "sched/base/draw.hpp"
#include "sched/core/task_record.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::Instant;

namespace {

// When it begins to listen, as a share of the time after which a run is stuck. Nearly all runs end
// before, and pay nothing.
constexpr sched::Duration begins_after(sched::Duration after) { return 6 * after / 10; }
// How long it then learns the lines that are not new.
constexpr sched::Duration learns_for(sched::Duration after) { return after / 10; }

// Returns whether a wait ends by itself, or with another task, which is looked at as well.
bool ends_by_itself(const sched::TaskInfo& task) {
  return task.state != sched::TaskState::waiting || task.waits_on == "sleep" ||
         task.waits_on.starts_with("end of ");
}

}  // namespace

Stagnation::Stagnation(World& world, sched::Duration after)
    : world_(world), after_(after), next_(Instant{} + begins_after(after)) {}

void Stagnation::listen() {
  auto& listener = world_.fabric().listener;
  listener = [this, before = std::move(listener)](const RunEvent& event) {
    if (before) {
      before(event);
    }
    if (event.op == Op::resume) {
      const std::source_location where = world_.fabric().kernel(event.host).task()->where();
      const auto file = reinterpret_cast<std::uintptr_t>(where.file_name());  // NOLINT
      bool& known = known_[mix(mix(file) ^ std::uint64_t{where.line()} << 32U ^ event.host)];
      if (!known) [[unlikely]] {
        known = true;
        const auto line = std::pair(std::string_view(where.file_name()), where.line());
        news_ = seen_.emplace(event.host, line).second || news_;
      }
    } else if (event.op >= Op::fault && event.op <= Op::clock_jump && event.op != Op::log) {
      news_ = true;
    }
  };
}

void Stagnation::begin() {
  next_ = sched::after(world_.now(), after_);
  news_ = false;
  waits_.clear();
  for (sched::TaskInfo& task : waits()) {
    waits_.emplace(std::move(task.path), task.since);
  }
  timers_.clear();
  for (std::uint32_t i = 0; i < world_.fabric().size(); ++i) {
    const SimulatedHost& host = world_.host(world_.fabric().kernel(i).name());
    timers_.push_back({host.running() ? host.scheduler().timers().next_sequence() : 0,
                       host.kernel().timers().next_sequence()});
  }
}

std::vector<sched::TaskInfo> Stagnation::waits() const {
  std::vector<sched::TaskInfo> waits;
  for (std::uint32_t i = 0; i < world_.fabric().size(); ++i) {
    const SimulatedHost& host = world_.host(world_.fabric().kernel(i).name());
    if (!host.in_background()) {
      std::ranges::remove_copy_if(host.tasks(), std::back_inserter(waits), ends_by_itself);
    }
  }
  return waits;
}

bool Stagnation::has_older_timer() const {
  for (std::uint32_t i = 0; i < timers_.size(); ++i) {
    const SimulatedHost& host = world_.host(world_.fabric().kernel(i).name());
    if ((host.running() && host.scheduler().timers().has_one_before(timers_[i].program)) ||
        host.kernel().timers().has_one_before(timers_[i].kernel)) {
      return true;
    }
  }
  return false;
}

std::vector<sched::TaskInfo> Stagnation::look(bool quiet) {
  if (!std::exchange(listens_, true)) {
    listen();
    next_ = sched::after(world_.now(), learns_for(after_));
    return {};
  }
  std::vector<sched::TaskInfo> stuck;
  if (!news_ && quiet && !has_older_timer()) {
    std::ranges::copy_if(waits(), std::back_inserter(stuck), [this](const sched::TaskInfo& task) {
      return waits_.contains({task.path, task.since});
    });
  }
  begin();
  return stuck;
}

}  // namespace rehearsal::simnet
