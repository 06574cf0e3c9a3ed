// Semaphore: a number of permits, handed out first come first served. A released permit goes
// straight to the first waiter, so nobody can slip in between.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "sched/sync/wait_list.hpp"

namespace rehearsal::sched {

class Semaphore {
 public:
  // Holds one permit, and gives it back when it is destroyed. Must not outlive the semaphore.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(semaphore_, other.semaphore_);
      return *this;
    }
    ~Permit() { release(); }

    [[nodiscard]] bool held() const { return semaphore_ != nullptr; }
    void release() {
      if (semaphore_ != nullptr) {
        std::exchange(semaphore_, nullptr)->give();
      }
    }

   private:
    friend class Semaphore;
    explicit Permit(Semaphore& semaphore) : semaphore_(&semaphore) {}

    Semaphore* semaphore_ = nullptr;
  };

  class Acquire final : public ListWaiter {
   public:
    explicit Acquire(Semaphore& semaphore) : semaphore_(semaphore) {}
    ~Acquire() {
      if (granted_) {
        semaphore_.give();
      }
    }
    [[nodiscard]] bool await_ready() {
      granted_ = semaphore_.try_take();
      return granted_;
    }
    template <std::derived_from<PromiseBase> Caller>
    void await_suspend(std::coroutine_handle<Caller> caller) {
      wait_in(semaphore_.waiting_, caller.promise());
    }
    [[nodiscard]] Permit await_resume() {
      granted_ = false;
      return Permit(semaphore_);
    }
    [[nodiscard]] std::string describe() const override { return semaphore_.what_; }

   private:
    friend class Semaphore;

    Semaphore& semaphore_;
    bool granted_ = false;  // a permit is this waiter's and nobody has taken it over yet
  };

  // `what` is what the list of tasks says of those who wait; it must outlive the semaphore.
  explicit Semaphore(std::size_t permits, const char* what = "semaphore")
      : free_(permits), what_(what) {}

  // How many permits nobody holds.
  [[nodiscard]] std::size_t free() const {
    touch(waiting_.key(), Access::read);
    return free_;
  }
  // auto permit = co_await semaphore.acquire(). Cancelled, it passes on a permit that it was given.
  [[nodiscard]] Acquire acquire() { return Acquire(*this); }
  // A permit if one is free, else one that is not held().
  [[nodiscard]] Permit try_acquire() { return try_take() ? Permit(*this) : Permit(); }

 private:
  bool try_take() {
    touch(waiting_.key());
    if (free_ == 0) {
      return false;
    }
    --free_;
    return true;
  }
  void give() {
    touch(waiting_.key());
    if (waiting_.empty()) {
      ++free_;
    } else {
      static_cast<Acquire&>(waiting_.wake_first()).granted_ = true;
    }
  }

  WaitList waiting_;
  std::size_t free_;  // zero while any task waits
  const char* what_;
};

}  // namespace rehearsal::sched
