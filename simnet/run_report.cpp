// What a world says of a run.
#include <array>
#include <set>

#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

// The innermost line that is known; empty where none is.
std::string place_of(const sched::TaskInfo& task) {
  for (const std::source_location& frame : task.frames) {
    if (frame.line() != 0) {
      return line_of(frame);
    }
  }
  return {};
}

std::string describe(const sched::TaskInfo& task) {
  std::string line = task.path;
  if (!task.waits_on.empty()) {
    line += " waits: " + task.waits_on;
  }
  const std::string at = place_of(task);
  return at.empty() ? line : line + " at " + at;
}

}  // namespace

std::string_view name(RunEnd end) {
  static constexpr std::array<std::string_view, 6> names = {"done",       "condition",  "quiescent",
                                                            "step limit", "time limit", "failed"};
  return names[static_cast<std::size_t>(end)];
}

std::optional<RunReport> World::report() const {
  return ended_ ? std::optional(report(failures_.empty() ? *ended_ : RunEnd::failed))
                : std::nullopt;
}

RunReport World::report(RunEnd end) const {
  RunReport report;
  report.end = end;
  report.time = now_.time_since_epoch();
  report.steps = fabric_.steps;
  report.digest = fabric_.digest.value();
  report.failures = failures_;
  if (end == RunEnd::quiescent || end == RunEnd::time_limit) {
    std::set<std::string> places;
    for (const auto& host : hosts_) {
      for (const sched::TaskInfo& task : host->tasks()) {
        report.tasks.push_back(describe(task));
        places.insert(place_of(task));
      }
    }
    for (const std::string& place : places) {
      report.waiting_at += (report.waiting_at.empty() ? "" : " ") + place;
    }
  } else if (end == RunEnd::step_limit) {
    report.tasks = last_;
  }
  return report;
}

std::optional<Failure> RunReport::failure() const {
  if (!failures.empty()) {
    return failures.front();
  }
  switch (end) {
    case RunEnd::quiescent:
      return Failure{FailureKind::deadlock, "deadlock: tasks wait, and nothing can wake them",
                     waiting_at};
    case RunEnd::step_limit:
      return Failure{FailureKind::livelock, "livelock: the limit of steps is reached", {}};
    case RunEnd::time_limit:
      return Failure{FailureKind::time_limit, "the limit of virtual time is reached", {}};
    case RunEnd::done:
    case RunEnd::condition:
    case RunEnd::failed:
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
