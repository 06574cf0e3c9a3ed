// Makes the paths of tasks unique over a whole run, also where one parent gives a name twice. A
// simulation needs it: what it decides about a task is filed under the task's path.
#pragma once

#include <cstdint>

namespace rehearsal::sched {

class TaskNames {
 public:
  TaskNames() = default;
  TaskNames(const TaskNames&) = delete;
  TaskNames& operator=(const TaskNames&) = delete;
  virtual ~TaskNames() = default;

  // How many tasks had the path of this key before.
  virtual std::uint32_t count(std::uint64_t key) = 0;
};

}  // namespace rehearsal::sched
