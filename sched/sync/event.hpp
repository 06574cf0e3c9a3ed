// Event: a flag that tasks wait for. Setting it wakes all of them, in the order in which they came.
#pragma once

#include <string>

#include "sched/sync/wait_list.hpp"

namespace rehearsal::sched {

class Event {
 public:
  class Wait final : public ListWaiter {
   public:
    explicit Wait(Event& event) : event_(event) {}
    [[nodiscard]] bool await_ready() const { return event_.is_set(); }
    template <std::derived_from<PromiseBase> Caller>
    void await_suspend(std::coroutine_handle<Caller> caller) {
      wait_in(event_.waiting_, caller.promise());
    }
    void await_resume() const {}
    [[nodiscard]] std::string describe() const override { return "event"; }

   private:
    Event& event_;
  };

  [[nodiscard]] bool is_set() const {
    touch(waiting_.key(), Access::read);
    return set_;
  }
  void set() {
    // Which of several settings wakes the tasks makes a difference; which of several was first,
    // none.
    touch(waiting_.key(), waiting_.empty() ? Access::add : Access::write);
    set_ = true;
    waiting_.wake_all();
  }
  // Tasks that were woken go on all the same.
  void clear() {
    touch(waiting_.key());
    set_ = false;
  }
  // What is read or written together with the flag is touched by this.
  [[nodiscard]] std::uint64_t key() const { return waiting_.key(); }
  // co_await event.wait(): goes on at once where the event is set.
  [[nodiscard]] Wait wait() { return Wait(*this); }

 private:
  WaitList waiting_;
  bool set_ = false;
};

}  // namespace rehearsal::sched
