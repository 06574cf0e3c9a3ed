// Semaphore: a number of permits for tasks. A released permit goes straight to the first waiter, so
// no other task can take it in between.
#pragma once

#include <cstddef>
#include <string>
#include <utility>

#include "sched/sync/wait_list.hpp"

namespace rehearsal::sched {

/// A number of permits, granted first come, first served. No task may wait for a semaphore when it
/// is destroyed.
class Semaphore {
 public:
  /// Holds one permit, and releases it when it is destroyed. Must not outlive the semaphore.
  class Permit {
   public:
    Permit() = default;
    Permit(Permit&& other) noexcept : semaphore_(std::exchange(other.semaphore_, nullptr)) {}
    Permit& operator=(Permit&& other) noexcept {
      std::swap(semaphore_, other.semaphore_);
      return *this;
    }
    ~Permit() { release(); }

    /// Returns true if it holds a permit.
    [[nodiscard]] bool held() const { return semaphore_ != nullptr; }
    /// Releases the permit to the first waiting task. Idempotent.
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

  /// The awaiter of acquire(). A variable of this type is a forgotten co_await, of which compilers
  /// then warn: `const auto lock = mutex.lock();` is an unused variable.
  class [[gnu::warn_unused]] Acquire final : public ListWaiter {
   public:
    explicit Acquire(Semaphore& semaphore) : semaphore_(semaphore) {}
    Acquire(Acquire&&) noexcept = default;  // only before it is awaited
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
    bool granted_ = false;  // a permit was granted, and no Permit owns it yet
  };

  /// Creates a semaphore with `permits` permits. `what` names it in task dumps and must outlive it.
  explicit Semaphore(std::size_t permits, const char* what = "semaphore")
      : free_(permits), what_(what) {}

  /// Returns the number of free permits.
  [[nodiscard]] std::size_t free() const {
    touch(waiting_.key(), Access::read);
    return free_;
  }
  /// Waits for a permit: `Semaphore::Permit permit = co_await semaphore.acquire()`. If cancelled, a
  /// permit that was granted already goes to the next task.
  [[nodiscard]] Acquire acquire() { return Acquire(*this); }
  /// Returns a permit if one is free, or else one that is not held().
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
