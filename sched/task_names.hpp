// Makes the paths of tasks unique over a whole run, also where one parent gives a name twice. A
// simulation needs it: what it decides about a task is filed under the task's path.
#pragma once

#include <cstdint>
#include <string_view>

namespace rehearsal::sched {

class TaskNames {
 public:
  TaskNames() = default;
  TaskNames(const TaskNames&) = delete;
  TaskNames& operator=(const TaskNames&) = delete;
  virtual ~TaskNames() = default;

  // How many tasks had the path of this key before. `name` is what follows the last slash of the
  // path: two names with one key are two paths with one key, which is a CHECK. (Of two paths that
  // end alike the keys differ as long as those of what goes before do, because each step of FNV-1a
  // can be undone.)
  virtual std::uint32_t count(std::uint64_t key, std::string_view name) = 0;
};

}  // namespace rehearsal::sched
