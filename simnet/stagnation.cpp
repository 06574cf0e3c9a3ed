#include "simnet/stagnation.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <source_location>
#include <utility>

#include "sched/core/task_record.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/network/fabric.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using sched::Instant;

namespace {

// Nearly all runs end before, and pay nothing.
constexpr sched::Duration begins_after = std::chrono::seconds(60);

// Returns whether a wait ends by itself, or with another task, which is looked at as well.
bool ends_by_itself(const sched::TaskInfo& task) {
  return task.state != sched::TaskState::waiting || task.waits_on == "sleep" ||
         task.waits_on.starts_with("end of ");
}

}  // namespace

Stagnation::Stagnation(World& world, sched::Duration after)
    : world_(world), after_(after), next_(Instant{} + begins_after) {}

void Stagnation::listen() {
  auto& listener = world_.fabric().listener;
  listener = [this, before = std::move(listener)](const RunEvent& event) {
    if (before) {
      before(event);
    }
    if (event.op == Op::resume) {
      const std::source_location where = world_.fabric().kernel(event.host).task()->where();
      news_ = seen_.emplace(event.host, std::pair(where.file_name(), where.line())).second || news_;
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
    timers_.push_back(host.running() ? host.scheduler().timers().next_sequence() : 0);
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
    if (host.running() && host.scheduler().timers().has_one_before(timers_[i])) {
      return true;
    }
  }
  return false;
}

std::vector<sched::TaskInfo> Stagnation::look(bool quiet) {
  if (!std::exchange(listens_, true)) {
    listen();
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
