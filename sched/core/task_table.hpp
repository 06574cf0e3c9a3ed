// The task dump: the tasks of a host as text.
#pragma once

#include <string>
#include <vector>

#include "sched/core/executor.hpp"

namespace rehearsal::sched {

/// Returns a line per task: its state, the time since it entered it, its path, what it waits for,
/// and the file and line of the co_await of each frame, innermost first. `now` is the host's time;
/// see Host::tasks and Host::now.
[[nodiscard]] std::string task_table(const std::vector<TaskInfo>& tasks, Instant now);

}  // namespace rehearsal::sched
