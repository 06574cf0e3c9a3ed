// An object that is counted: if a compiler copies one byte by byte, or destroys one twice, the
// ledger shows it without a crash.
#pragma once

#include <coroutine>
#include <cstdint>
#include <set>
#include <stdexcept>
#include <utility>

namespace rehearsal::toolchain {

class Tracked;

// Records which objects are alive, by address. Tests assert that it is balanced.
class Ledger {
 public:
  void built(const Tracked* object) { alive_.insert(object); }
  void destroyed(const Tracked* object) { faults_ += alive_.erase(object) == 1 ? 0 : 1; }
  void used(const Tracked* object) { faults_ += alive_.contains(object) ? 0 : 1; }

  // Returns whether each object was destroyed exactly once, and only live objects were used.
  [[nodiscard]] bool balanced() const { return faults_ == 0 && alive_.empty(); }
  [[nodiscard]] int faults() const { return faults_; }

 private:
  std::set<const Tracked*> alive_;
  int faults_ = 0;
};

class Tracked {
 public:
  Tracked(Ledger& ledger, int value) : ledger_(&ledger), value_(value) { ledger.built(this); }
  Tracked(const Tracked& other) : ledger_(other.ledger_), value_(other.get()) {
    ledger_->built(this);
  }
  Tracked(Tracked&& other) noexcept : ledger_(other.ledger_), value_(other.get()) {
    ledger_->built(this);
  }
  Tracked& operator=(const Tracked&) = delete;
  ~Tracked() { ledger_->destroyed(this); }

  [[nodiscard]] int get() const {
    ledger_->used(this);
    return value_;
  }

 private:
  Ledger* ledger_;
  int value_;
};

// Awaiters, each with a constructor and a destructor. The base holds the common part.
class TrackedAwaiter {
 public:
  explicit TrackedAwaiter(Ledger& ledger) : tracked_(ledger, 1) {}

 protected:
  Tracked tracked_;
};

// Suspends and is never resumed, like the wait of a task that is then cancelled.
class Forever : TrackedAwaiter {
 public:
  using TrackedAwaiter::TrackedAwaiter;
  static bool await_ready() noexcept { return false; }
  static void await_suspend(std::coroutine_handle<> /*frame*/) noexcept {}
  [[nodiscard]] int await_resume() const { return tracked_.get(); }
};

// Suspends and is resumed at once.
class Pause : TrackedAwaiter {
 public:
  using TrackedAwaiter::TrackedAwaiter;
  static bool await_ready() noexcept { return false; }
  template <class Promise>
  static void await_suspend(std::coroutine_handle<Promise> frame) {
    frame.promise().trampoline->resume_next(frame);
  }
  [[nodiscard]] int await_resume() const { return tracked_.get(); }
};

// Ready never suspends; StaysAwake decides in await_suspend not to suspend.
class Ready : TrackedAwaiter {
 public:
  using TrackedAwaiter::TrackedAwaiter;
  static bool await_ready() noexcept { return true; }
  static void await_suspend(std::coroutine_handle<> /*frame*/) noexcept {}
  [[nodiscard]] Tracked await_resume() { return std::move(tracked_); }
};
class StaysAwake : TrackedAwaiter {
 public:
  using TrackedAwaiter::TrackedAwaiter;
  static bool await_ready() noexcept { return false; }
  static bool await_suspend(std::coroutine_handle<> /*frame*/) noexcept { return false; }
  [[nodiscard]] int await_resume() const { return tracked_.get(); }
};

// Throws from the member function that `at` selects.
enum class Member : std::uint8_t { ready, suspend, resume };
template <Member at>
class Throws : TrackedAwaiter {
 public:
  using TrackedAwaiter::TrackedAwaiter;
  static bool await_ready() {
    throw_in(Member::ready);
    return false;
  }
  template <class Promise>
  static void await_suspend(std::coroutine_handle<Promise> frame) {
    throw_in(Member::suspend);
    frame.promise().trampoline->resume_next(frame);
  }
  static int await_resume() {
    throw_in(Member::resume);
    return 0;
  }

 private:
  static void throw_in(Member here) {
    if (here == at) throw std::runtime_error("awaiter");
  }
};

}  // namespace rehearsal::toolchain
