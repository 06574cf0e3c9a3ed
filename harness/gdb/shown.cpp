#include "harness/gdb/shown.hpp"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/gdb/script.hpp"
#include "harness/number_text.hpp"
#include "harness/report/socket_table.hpp"
#include "harness/report/trace_text.hpp"
#include "sched/core/task_table.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/latest_world.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/pending_event.hpp"

namespace rehearsal::harness {
namespace {

// The linker takes an object of a library only if something refers to it.
[[gnu::used, gnu::retain]] const char* const linked_script = gdb_script;

// The run whose events rehearsal_events() shows. A debugger finds nothing but functions.
struct KeptEvents {
  const simnet::World* world;
  const simnet::History* history;
};
// NOLINTNEXTLINE(*-non-const-global-variables)
constinit thread_local KeptEvents kept_events{nullptr, nullptr};

std::string tasks_text(simnet::World& world) {
  std::vector<sched::TaskInfo> all;
  for (std::uint32_t i = 0; i < world.fabric().size(); ++i) {
    const simnet::Kernel& kernel = world.fabric().kernel(i);
    const sched::TaskRecord* caller = kernel.caller();
    for (sched::TaskInfo& task : world.host(kernel.name()).tasks()) {
      if (caller != nullptr && task.path == caller->path()) {  // also as its step begins
        task.state = sched::TaskState::running;
      }
      task.since = kernel.clock().world(task.since);
      all.push_back(std::move(task));
    }
  }
  return sched::task_table(all, world.now());
}

std::string sockets_text(simnet::World& world) {
  std::vector<simnet::HostDiagnostics> hosts;
  for (std::uint32_t i = 0; i < world.fabric().size(); ++i) {
    const simnet::Kernel& kernel = world.fabric().kernel(i);
    hosts.push_back({kernel.name(), {}, {}, kernel.sockets()});
  }
  return socket_table(hosts);
}

constexpr std::int64_t second_in_nanoseconds = 1'000'000'000;

std::string pending_text(const simnet::World& world) {
  const simnet::PendingEvent::Queue pending = simnet::PendingEvent::all(world);
  std::string text = counted(pending.size(), "pending event") + '\n';
  std::size_t widest = 0;
  for (const auto& [at, event] : pending) {
    widest = std::max(widest, event.place.size());
  }
  for (const auto& [at, event] : pending) {
    const auto nanoseconds = at.time_since_epoch().count();
    const std::string when = at == sched::never
                                 ? fmt::format("{:>16}", "after a pause")
                                 : fmt::format("{:>4}.{:09} s", nanoseconds / second_in_nanoseconds,
                                               nanoseconds % second_in_nanoseconds);
    text += fmt::format("{}  {:<{}}  {}\n", when, event.place, widest, event.what);
  }
  return text;
}

std::string past_text(simnet::World& world, std::uint64_t last) {
  if (kept_events.world != &world) {
    return "the events of this run were not kept: replay it with --gdb, or REHEARSAL_GDB=1\n";
  }
  const simnet::History& history = *kept_events.history;
  const std::uint64_t count = std::min<std::uint64_t>(last, history.size());
  std::string text =
      fmt::format("the last {} of {}\n", grouped(count), counted(world.fabric().events, "event"));
  for (auto event = history.end() - static_cast<std::ptrdiff_t>(count); event != history.end();
       ++event) {
    text += event_line(event->number, event->event) + '\n';
  }
  return text;
}

// Returns the text that `write` makes of this thread's world; null if there is none.
template <class Write>
const char* show(Write&& write) {
  simnet::World* world = simnet::LatestWorld::get();
  if (world == nullptr) {
    return nullptr;
  }
  thread_local std::string text;
  text = fmt::format("{} of virtual time, {}\n", exact(world->now().time_since_epoch()),
                     counted(world->steps(), "step")) +
         write(*world);
  return text.c_str();
}

}  // namespace

void show_events_of(const simnet::World* world, const simnet::History* history) {
  kept_events = {world, history};
}

}  // namespace rehearsal::harness

// Nothing in the program calls them.
extern "C" [[gnu::used, gnu::retain]] const char* rehearsal_tasks() {
  return rehearsal::harness::show(rehearsal::harness::tasks_text);
}

extern "C" [[gnu::used, gnu::retain]] const char* rehearsal_sockets() {
  return rehearsal::harness::show(rehearsal::harness::sockets_text);
}

extern "C" [[gnu::used, gnu::retain]] const char* rehearsal_events(std::uint64_t last) {
  return rehearsal::harness::show([last](rehearsal::simnet::World& world) {
    return last == 0 ? rehearsal::harness::pending_text(world)
                     : rehearsal::harness::past_text(world, last);
  });
}
