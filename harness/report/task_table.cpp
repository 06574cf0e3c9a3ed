#include "harness/report/task_table.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string_view>

#include <fmt/format.h>

#include "harness/number_text.hpp"

namespace rehearsal::harness {
namespace {

std::string_view name_of(sched::TaskState state) {
  switch (state) {
    case sched::TaskState::ready:
      return "ready";
    case sched::TaskState::running:
      return "running";
    case sched::TaskState::waiting:
      return "waiting";
    case sched::TaskState::done:
      return "done";
  }
  return "unknown";
}

std::string_view file_of(std::string_view path) {
  const auto slash = path.rfind('/');
  return slash == std::string_view::npos ? path : path.substr(slash + 1);
}

}  // namespace

std::string task_table(const std::vector<sched::TaskInfo>& tasks, sched::Instant now) {
  std::size_t widest = 4;
  for (const sched::TaskInfo& task : tasks) {
    widest = std::max(widest, task.path.size());
  }
  std::string table = counted(tasks.size(), "task") + '\n';
  auto out = std::back_inserter(table);
  fmt::format_to(out, "{:<8} {:>10}  {:<{}}  {}\n", "STATE", "FOR", "TASK", widest, "WAITS ON, AT");
  for (const sched::TaskInfo& task : tasks) {
    const double seconds = std::chrono::duration<double>(now - task.since).count();
    fmt::format_to(out, "{:<8} {:>8.3f} s  {:<{}}  {}", name_of(task.state), seconds, task.path,
                   widest, task.waits_on);
    std::string_view separator = task.waits_on.empty() ? "at " : ", at ";
    for (const std::source_location& frame : task.frames) {
      fmt::format_to(out, "{}{}:{}", separator, file_of(frame.file_name()), frame.line());
      separator = " < ";
    }
    table += '\n';
  }
  return table;
}

}  // namespace rehearsal::harness
