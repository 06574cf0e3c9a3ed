// The tasks that wait for one object, first come, first served. A waiter leaves the list when it is
// woken or destroyed.
#pragma once

#include <concepts>
#include <coroutine>

#include "sched/core/executor.hpp"
#include "sched/core/footprint.hpp"

namespace rehearsal::sched {

class WaitList;

// A link in a circular list; if it is in no list, it is its own neighbour.
class WaitPlace {
 public:
  WaitPlace(const WaitPlace&) = delete;
  WaitPlace& operator=(const WaitPlace&) = delete;

 protected:
  WaitPlace() = default;
  // REQUIRES: `other` is in no list.
  WaitPlace(WaitPlace&& other) noexcept { check(other.alone(), "a task that waits is not moved"); }
  ~WaitPlace() { leave(); }

  void enter_before(WaitPlace& later) {
    earlier_ = later.earlier_;
    later_ = &later;
    earlier_->later_ = this;
    later.earlier_ = this;
  }
  void leave() {
    earlier_->later_ = later_;
    later_->earlier_ = earlier_;
    earlier_ = this;
    later_ = this;
  }
  [[nodiscard]] bool alone() const { return later_ == this; }
  [[nodiscard]] WaitPlace* later() const { return later_; }

 private:
  WaitPlace* earlier_ = this;
  WaitPlace* later_ = this;
};

class ListWaiter : public Waiter, private WaitPlace {
 protected:
  ListWaiter() = default;
  ListWaiter(ListWaiter&&) noexcept = default;  // only before it is awaited
  ~ListWaiter() = default;

  // Suspends the calling task at the end of `list`.
  void wait_in(WaitList& list, PromiseBase& caller);

 private:
  friend class WaitList;
};

// The list's own link is before the first waiter and after the last.
class WaitList : private WaitPlace {
 public:
  WaitList() = default;
  ~WaitList();

  // Returns the key that stands for what the list guards (permits, items), for a search that asks
  // which steps commute.
  [[nodiscard]] std::uint64_t key() const { return key_; }
  [[nodiscard]] bool empty() const { return alone(); }
  // Removes the first waiter and makes its task ready. REQUIRES: !empty().
  ListWaiter& wake_first();
  void wake_all() {
    while (!empty()) {
      wake_first();
    }
  }

 private:
  friend class ListWaiter;

  std::uint64_t key_ = new_object();
};

}  // namespace rehearsal::sched
