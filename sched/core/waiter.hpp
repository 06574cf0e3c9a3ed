// A waiter is what a suspended task waits with: it lives in the task's frame, knows what is waited
// for, and takes itself out of that wait when it is destroyed.
#pragma once

#include <string>

namespace rehearsal::sched {

class TaskRecord;

class Waiter {
 public:
  // The task's turn has come: may it go on? A socket operation makes its call here, and on
  // would-block waits again. Called by the scheduler only; must not throw.
  virtual bool attempt() { return true; }

  // In words, for lists of tasks: "receive on 7", "sleep", "mutex".
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
