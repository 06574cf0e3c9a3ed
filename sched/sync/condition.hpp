// Condition: a condition variable for tasks that share a Mutex.
#pragma once

#include <string>

#include "sched/sync/mutex.hpp"

namespace rehearsal::sched {

/// A condition variable: tasks that hold a mutex wait until another task changes what it guards. No
/// task may wait for a condition when it is destroyed.
class Condition {
 public:
  /// Creates a condition for `mutex`, which must outlive it.
  explicit Condition(Mutex& mutex) : mutex_(mutex) {}

  /// Releases `lock`, waits to be notified, and locks again: `co_await condition.wait(lock)`. Call
  /// it in a loop that checks the condition, because another task may run between the notification
  /// and the lock. If cancelled, `lock` is not held; a notification that was not used goes to the
  /// next task. REQUIRES: `lock` holds this condition's mutex.
  Task<> wait(Mutex::Lock& lock);

  /// Wakes the task that has waited longest, if any. If that task is cancelled before wait() has
  /// returned, the next one is woken instead.
  void notify_one() {
    touch(waiting_.key());
    if (!waiting_.empty()) {
      static_cast<Notified&>(waiting_.wake_first()).notified_ = true;
    }
  }
  /// Wakes all waiting tasks, in the order in which they began to wait.
  void notify_all() {
    touch(waiting_.key());
    while (!waiting_.empty()) {
      notify_one();
    }
  }

 private:
  class Notified final : public ListWaiter {
   public:
    explicit Notified(Condition& condition) : condition_(condition) {}
    ~Notified() {
      if (notified_) {
        condition_.notify_one();
      }
    }
    [[nodiscard]] bool await_ready() const { return false; }
    template <std::derived_from<PromiseBase> Caller>
    void await_suspend(std::coroutine_handle<Caller> caller) {
      touch(condition_.waiting_.key());
      wait_in(condition_.waiting_, caller.promise());
    }
    void await_resume() const {}
    void use_up() { notified_ = false; }
    [[nodiscard]] std::string describe() const override { return "condition"; }

   private:
    friend class Condition;

    Condition& condition_;
    bool notified_ = false;
  };

  Mutex& mutex_;
  WaitList waiting_;
};

}  // namespace rehearsal::sched
