// What a world says of a run.
#include <array>

#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

std::string describe(const sched::TaskInfo& task) {
  std::string line = task.path;
  if (!task.waits_on.empty()) {
    line += " waits: " + task.waits_on;
  }
  for (const std::source_location& frame : task.frames) {
    if (frame.line() != 0) {
      const std::string_view file = frame.file_name();
      line += " at " + std::string(file.substr(file.rfind('/') + 1)) + ':' +
              std::to_string(frame.line());
      break;
    }
  }
  return line;
}

}  // namespace

std::string_view name(RunEnd end) {
  static constexpr std::array<std::string_view, 6> names = {"done",       "condition",  "quiescent",
                                                            "step limit", "time limit", "failed"};
  return names[static_cast<std::size_t>(end)];
}

RunReport World::report(RunEnd end) const {
  RunReport report;
  report.end = end;
  report.time = now_.time_since_epoch();
  report.steps = fabric_.steps;
  report.digest = fabric_.digest.value();
  report.failures = failures_;
  if (end == RunEnd::quiescent || end == RunEnd::time_limit) {
    for (const auto& host : hosts_) {
      for (const sched::TaskInfo& task : host->tasks()) {
        report.tasks.push_back(describe(task));
      }
    }
  } else if (end == RunEnd::step_limit) {
    report.tasks = last_;
  }
  return report;
}

std::string RunReport::to_string() const {
  std::string text(name(end));
  text += " after " + std::to_string(steps) + " steps and " + std::to_string(time.count()) + " ns";
  for (const std::string& failure : failures) {
    text += "\n  " + failure;
  }
  for (const std::string& task : tasks) {
    text += "\n  " + task;
  }
  return text;
}

}  // namespace rehearsal::simnet
