#include "sched/core/task_table.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <string_view>

namespace rehearsal::sched {
namespace {

std::string_view name_of(TaskState state) {
  switch (state) {
    case TaskState::ready:
      return "ready";
    case TaskState::running:
      return "running";
    case TaskState::waiting:
      return "waiting";
    case TaskState::done:
      return "done";
  }
  return "unknown";
}

std::string_view file_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

std::string in_seconds(Duration time) {
  std::array<char, 32> text{};
  std::snprintf(text.data(), text.size(), "%8.3f s", std::chrono::duration<double>(time).count());
  return text.data();
}

// Appends `text`, filled up with spaces to `width`.
void append(std::string& line, std::string_view text, std::size_t width) {
  line.append(text).append(width - std::min(width, text.size()), ' ').append("  ");
}

}  // namespace

std::string task_table(const std::vector<TaskInfo>& tasks, Instant now) {
  std::size_t widest = 4;
  for (const TaskInfo& task : tasks) {
    widest = std::max(widest, task.path.size());
  }
  std::string table = std::to_string(tasks.size()) + (tasks.size() == 1 ? " task\n" : " tasks\n");
  table += "STATE           FOR  ";
  append(table, "TASK", widest);
  table += "WAITS ON, AT\n";
  for (const TaskInfo& task : tasks) {
    std::string state(name_of(task.state));
    state.resize(8, ' ');
    table += state + ' ' + in_seconds(now - task.since) + "  ";
    append(table, task.path, widest);
    table += task.waits_on;
    std::string_view separator = task.waits_on.empty() ? "at " : ", at ";
    for (const std::source_location& frame : task.frames) {
      table.append(separator).append(file_of(frame.file_name()));
      table.append(":").append(std::to_string(frame.line()));
      separator = " < ";
    }
    table += '\n';
  }
  return table;
}

}  // namespace rehearsal::sched
