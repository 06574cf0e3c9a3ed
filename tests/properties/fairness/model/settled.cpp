#include "tests/properties/fairness/model/settled.hpp"

#include <algorithm>
#include <cstddef>

namespace rehearsal::fairness {
namespace {

std::string words_of(const std::pair<sched::Descriptor, sched::Direction>& watch) {
  return (watch.second == sched::Direction::recv ? "receive on " : "send on ") +
         std::to_string(watch.first);
}

std::string unsettled_permits(const Stage& stage, const std::vector<std::string>& waits,
                              bool nobody_ready) {
  for (std::uint32_t which = 0; which < things_of_a_kind; ++which) {
    const std::string name = semaphore_names.at(which);
    const std::size_t free = stage.semaphore(which).free();
    const std::size_t known = free + stage.permits_held(which);
    if (known > permits_of.at(which)) {
      return name + " has handed out more than it has";
    }
    // A permit that is neither free nor held was granted to a task that is ready to take it.
    if (nobody_ready && known < permits_of.at(which)) {
      return name + " has lost a permit";
    }
    if (free != 0 && std::ranges::count(waits, name) != 0) {
      return "a task waits for " + name + ", which is free";
    }
  }
  return "";
}

}  // namespace

std::string unsettled(sched::Executor& executor, const Stage& stage,
                      const std::vector<std::pair<sched::Descriptor, sched::Direction>>& watched) {
  std::vector<std::string> waits;
  for (const sched::TaskInfo& task : executor.tasks()) {
    waits.push_back(task.waits_on);
  }
  std::size_t socket_waits = 0;
  for (const std::string& wait : waits) {
    socket_waits += wait.find(" on ") != std::string::npos ? 1U : 0U;
  }
  for (const auto& watch : watched) {
    if (std::ranges::count(waits, words_of(watch)) != 1) {
      return "watched, but no task waits: " + words_of(watch);
    }
  }
  if (socket_waits != watched.size()) {
    return "a task waits for a socket that is not watched";
  }
  const auto sleepers = static_cast<std::size_t>(std::ranges::count(waits, "sleep"));
  if (executor.timers().size() != sleepers + stage.timeouts_under_way()) {
    return "there are timers that no task has set, or a timer is missing";
  }
  const bool nobody_ready = executor.ready_count() == 0;
  if (nobody_ready && stage.credits() > 0 && !stage.mutex_is_locked() &&
      std::ranges::count(waits, "condition") != 0) {
    return "a task waits for a credit, and there is one";
  }
  if (!stage.complaints().empty()) {
    return stage.complaints().front();
  }
  return unsettled_permits(stage, waits, nobody_ready);
}

}  // namespace rehearsal::fairness
