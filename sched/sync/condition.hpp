// Condition: tasks that hold a mutex wait for another to change what it guards.
#pragma once

#include <string>

#include "sched/sync/mutex.hpp"

namespace rehearsal::sched {

class Condition {
 public:
  // `mutex` must outlive the condition.
  explicit Condition(Mutex& mutex) : mutex_(mutex) {}

  // Releases `lock`, waits to be notified, and locks again. As with every condition the caller
  // checks in a loop: another task may have run in between. REQUIRES: `lock` holds this condition's
  // mutex.
  Task<> wait(Mutex::Lock& lock);

  // Wakes the task that has waited longest. One that is cancelled before wait() has returned passes
  // it on.
  void notify_one() {
    touch(waiting_.key());
    if (!waiting_.empty()) {
      static_cast<Notified&>(waiting_.wake_first()).notified_ = true;
    }
  }
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
