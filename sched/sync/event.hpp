// Event: a flag that tasks wait for.
#pragma once

#include <string>

#include "sched/sync/wait_list.hpp"

namespace rehearsal::sched {

/// A flag that tasks wait for. Setting it wakes all of them, in the order in which they began to
/// wait. No task may wait for an event when it is destroyed.
class Event {
 public:
  /// The awaiter of wait().
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

  /// Returns true if the flag is set.
  [[nodiscard]] bool is_set() const {
    touch(waiting_.key(), Access::read);
    return set_;
  }
  /// Sets the flag and wakes all waiting tasks.
  void set() {
    // It matters which of several set() calls wakes the tasks, but not which was first.
    touch(waiting_.key(), waiting_.empty() ? Access::add : Access::write);
    set_ = true;
    waiting_.wake_all();
  }
  /// Clears the flag. Tasks that were woken already still continue.
  void clear() {
    touch(waiting_.key());
    set_ = false;
  }
  /// Returns the key that stands for the flag, and for what is read or written together with it,
  /// for a search that asks which steps commute.
  [[nodiscard]] std::uint64_t key() const { return waiting_.key(); }
  /// Waits until the flag is set: `co_await event.wait()` continues at once if it is set. If
  /// cancelled, the wait ends without effect.
  [[nodiscard]] Wait wait() { return Wait(*this); }

 private:
  WaitList waiting_;
  bool set_ = false;
};

}  // namespace rehearsal::sched
