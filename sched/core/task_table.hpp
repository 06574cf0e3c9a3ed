// The list of a host's tasks as a person reads it.
#pragma once

#include <string>
#include <vector>

#include "sched/core/executor.hpp"

namespace rehearsal::sched {

// A line per task: state, how long it has been in it, path, what it waits on, and the file and line
// of the co_await of each of its frames, the innermost first.
[[nodiscard]] std::string task_table(const std::vector<TaskInfo>& tasks, Instant now);

}  // namespace rehearsal::sched
