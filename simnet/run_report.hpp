// RunReport: how a run ended, and what failed in it.
#pragma once

#include <cstdint>
#include <optional>
#include <source_location>
#include <string>
#include <string_view>
#include <vector>

#include "sched/base/time.hpp"
#include "simnet/failure.hpp"

namespace rehearsal::simnet {

/// Why a run ended.
///
/// - done:       all tasks are done, except those of hosts in the background
/// - condition:  the condition of run_until() is true, or the time of run_for() has passed
/// - quiescent:  tasks wait and nothing can ever wake them, or they have waited for
///               WorldOptions::stuck_after while only timers fire (deadlock)
/// - step_limit: WorldOptions::step_limit was reached (a livelock is likely)
/// - time_limit: WorldOptions::time_limit was reached
/// - failed:     a task, a property or the scenario failed
enum class WorldEnd : std::uint8_t { done, condition, quiescent, step_limit, time_limit, failed };
/// Returns the name of an end, such as "done" or "step limit".
[[nodiscard]] std::string_view name(WorldEnd end);

/// Something that a scenario sets up for later, and whether its run has come to it.
struct Planned {
  /// The kinds of what is planned.
  enum class Kind : std::uint8_t {
    /// An invariant; the run comes to it when it is evaluated.
    invariant,
    /// A condition of World::eventually(); the run comes to it when it holds, or at its deadline.
    eventually,
    /// An action of World::at().
    action
  };

  /// What it is.
  Kind kind = Kind::action;
  /// The name of the property; empty for an action.
  std::string name;
  /// The line that set it up.
  std::source_location where;
  /// The time of the action, or the deadline, in virtual time since the world's start.
  sched::Duration at{};
  /// Whether the run has come to it.
  bool reached = false;

  /// Returns what it is, without times: "invariant 'no deposit is lost' (bank.cpp:30)".
  [[nodiscard]] std::string to_string() const;
};

/// The result of a run.
struct RunReport {
  /// Why the run ended.
  WorldEnd end = WorldEnd::done;
  /// Virtual time since the world's start.
  sched::Duration time{};
  /// Number of task resumptions.
  std::uint64_t steps = 0;
  /// Digest of all events. The same schedule always results in the same digest.
  std::uint64_t digest = 0;
  /// One line per task. After a deadlock or at the time limit: all tasks, and what each waits for.
  /// At the step limit: the tasks that ran last.
  std::vector<std::string> tasks;
  /// After a deadlock: the lines at which tasks wait, as in Failure::where.
  std::string waiting_at;
  /// After a deadlock beside timers that still fire: WorldOptions::stuck_after. Otherwise 0.
  sched::Duration stuck_for{};
  /// At the time limit: the three tasks that have waited longest, what for, and since when.
  std::string waited_longest;
  /// Uncaught exceptions of tasks and violated properties, in order of time.
  std::vector<Failure> failures;

  /// Returns whether the run passed: nothing failed, and it ended with `done` or `condition`.
  [[nodiscard]] bool ok() const {
    return failures.empty() && (end == WorldEnd::done || end == WorldEnd::condition);
  }
  /// Returns the first failure; if there is none, the deadlock or the limit that ended the run.
  /// Returns nothing if ok().
  [[nodiscard]] std::optional<Failure> failure() const;
  /// Returns a few lines that describe the result.
  [[nodiscard]] std::string to_string() const;
};

}  // namespace rehearsal::simnet
