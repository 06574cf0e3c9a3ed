// A waiter is what a suspended task waits with. It lives in the task's frame, knows what is waited
// for, and removes itself from that wait when it is destroyed.
#pragma once

#include <string>

namespace rehearsal::sched {

class TaskRecord;

class Waiter {
 public:
  // Called by the scheduler in the task's turn. Returns true if the task may continue. A socket
  // operation makes its call here; if the call would block, it waits again. Must not throw.
  virtual bool attempt() { return true; }

  // Returns what is waited for, as text for task dumps: "receive on 7", "sleep", "mutex".
  [[nodiscard]] virtual std::string describe() const = 0;

  [[nodiscard]] TaskRecord* task() const { return task_; }

 protected:
  Waiter() = default;
  Waiter(const Waiter&) = default;
  Waiter& operator=(const Waiter&) = default;
  ~Waiter() = default;

  TaskRecord* task_ = nullptr;
};

}  // namespace rehearsal::sched
