// RunReport: how a run ended, and what failed in it.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "sched/base/time.hpp"
#include "simnet/failure.hpp"

namespace rehearsal::simnet {

// Why a run ended: the tasks are done; the condition holds, or the time asked for is over; tasks
// are left that nothing can ever wake (a deadlock); too many steps (a livelock) or too much time.
enum class WorldEnd : std::uint8_t { done, condition, quiescent, step_limit, time_limit, failed };
[[nodiscard]] std::string_view name(WorldEnd end);

struct RunReport {
  WorldEnd end = WorldEnd::done;
  sched::Duration time{};  // on the world's clock
  std::uint64_t steps = 0;
  std::uint64_t digest = 0;
  // Of a deadlock the tasks that wait and on what, of a livelock those that ran last; a line each.
  std::vector<std::string> tasks;
  // Of a deadlock: the lines at which they wait, as Failure::where has them.
  std::string waiting_at;
  // What failed: tasks that no one looks after, invariants, conditions.
  std::vector<Failure> failures;

  [[nodiscard]] bool ok() const {
    return failures.empty() && (end == WorldEnd::done || end == WorldEnd::condition);
  }
  // Returns the first failure, or the end of the run if that is a failure; nothing if ok().
  [[nodiscard]] std::optional<Failure> failure() const;
  // A few lines for a person.
  [[nodiscard]] std::string to_string() const;
};

}  // namespace rehearsal::simnet
