#include "simnet/run_report.hpp"

#include <array>
#include <chrono>

namespace rehearsal::simnet {

namespace {

std::string seconds(sched::Duration time) {
  return std::to_string(std::chrono::floor<std::chrono::seconds>(time).count()) + " s";
}

}  // namespace

std::string_view name(WorldEnd end) {
  static constexpr std::array<std::string_view, 6> names = {"done",       "condition",  "quiescent",
                                                            "step limit", "time limit", "failed"};
  return names[static_cast<std::size_t>(end)];
}

std::string Planned::to_string() const {
  static constexpr std::array<std::string_view, 3> kinds = {"invariant", "eventually", "action"};
  std::string text(kinds[static_cast<std::size_t>(kind)]);
  text += name.empty() ? "" : " '" + name + "'";
  return text + " (" + line_of(where) + ')';
}

std::optional<Failure> RunReport::failure() const {
  if (!failures.empty()) {
    return failures.front();
  }
  switch (end) {
    case WorldEnd::quiescent:
      return Failure{FailureKind::deadlock,
                     stuck_for == sched::Duration(0)
                         ? "deadlock: tasks wait, and nothing can wake them"
                         : "deadlock: tasks have waited for " + seconds(stuck_for) +
                               ", while others only repeat what timers start",
                     waiting_at};
    case WorldEnd::step_limit:
      return Failure{FailureKind::livelock, "livelock suspected: step limit reached", {}};
    case WorldEnd::time_limit:
      return Failure{FailureKind::time_limit,
                     "virtual time limit of " + seconds(time) + " reached; waited longest: " +
                         (waited_longest.empty() ? "no task" : waited_longest),
                     {}};
    case WorldEnd::done:
    case WorldEnd::condition:
    case WorldEnd::failed:
      return std::nullopt;
  }
  return std::nullopt;
}

std::string RunReport::to_string() const {
  std::string text(name(end));
  text += " after " + std::to_string(steps) + " steps and " + std::to_string(time.count()) + " ns";
  for (const Failure& failure : failures) {
    text += "\n  " + failure.to_string();
  }
  for (const std::string& task : tasks) {
    text += "\n  " + task;
  }
  return text;
}

}  // namespace rehearsal::simnet
