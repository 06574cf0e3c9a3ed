// The smallest coroutine type with the same shape as the scheduler's: lazy, one owner, resumed from
// a loop (a trampoline) and never from another coroutine. It shares no code with sched/, so a
// failure here is the compiler's fault.
#pragma once

#include <coroutine>
#include <exception>
#include <optional>
#include <source_location>
#include <utility>

namespace rehearsal::toolchain {

// Resumes one coroutine after the other in a loop, whatever the depth of their calls.
class Trampoline {
 public:
  void resume_next(std::coroutine_handle<> frame) { next_ = frame; }
  // Runs `first` and the coroutines that it calls until none asks to be resumed.
  void run(std::coroutine_handle<> first) {
    next_ = first;
    while (next_) {
      std::exchange(next_, nullptr).resume();
    }
  }

 private:
  std::coroutine_handle<> next_;
};

template <class T = void>
class TinyTask;

class TinyPromiseBase {
 public:
  static std::suspend_always initial_suspend() noexcept { return {}; }

  struct Return {
    static bool await_ready() noexcept { return false; }
    template <class Promise>
    static void await_suspend(std::coroutine_handle<Promise> frame) noexcept {
      Promise& promise = frame.promise();
      promise.trampoline->resume_next(promise.caller);
    }
    static void await_resume() noexcept {}
  };
  static Return final_suspend() noexcept { return {}; }
  void unhandled_exception() noexcept { failure = std::current_exception(); }

  template <class Awaitable>
  Awaitable&& await_transform(Awaitable&& awaitable,
                              std::source_location location = std::source_location::current()) {
    where = location;
    return static_cast<Awaitable&&>(awaitable);
  }

  Trampoline* trampoline = nullptr;
  std::coroutine_handle<> caller;
  std::exception_ptr failure;
  std::source_location where;  // of the last co_await
};

template <class T>
class TinyPromise : public TinyPromiseBase {
 public:
  TinyTask<T> get_return_object();
  template <class U>
  void return_value(U&& result) {
    value.emplace(std::forward<U>(result));
  }
  T take() {
    if (failure) std::rethrow_exception(failure);
    return std::move(*value);
  }

  std::optional<T> value;
};

template <>
class TinyPromise<void> : public TinyPromiseBase {
 public:
  TinyTask<void> get_return_object();
  static void return_void() {}
  void take() const {
    if (failure) std::rethrow_exception(failure);
  }
};

template <class T>
class [[nodiscard]] TinyTask {
 public:
  using promise_type = TinyPromise<T>;

  explicit TinyTask(std::coroutine_handle<promise_type> frame) : frame_(frame) {}
  TinyTask(TinyTask&& other) noexcept : frame_(std::exchange(other.frame_, nullptr)) {}
  TinyTask(const TinyTask&) = delete;
  TinyTask& operator=(const TinyTask&) = delete;
  ~TinyTask() {
    if (frame_) frame_.destroy();
  }

  class Call {
   public:
    explicit Call(std::coroutine_handle<promise_type> callee) : callee_(callee) {}
    static bool await_ready() noexcept { return false; }
    template <class Promise>
    void await_suspend(std::coroutine_handle<Promise> caller) {
      callee_.promise().trampoline = caller.promise().trampoline;
      callee_.promise().caller = caller;
      caller.promise().trampoline->resume_next(callee_);
    }
    T await_resume() { return callee_.promise().take(); }

   private:
    std::coroutine_handle<promise_type> callee_;
  };
  Call operator co_await() { return Call(frame_); }

  // Runs until nothing is left to resume. Returns true if the coroutine has ended.
  bool run_until_it_waits() {
    Trampoline trampoline;
    frame_.promise().trampoline = &trampoline;
    trampoline.run(frame_);
    return frame_.done();
  }
  // Runs to the end. REQUIRES: nothing in the task waits forever.
  T run() {
    run_until_it_waits();
    return frame_.promise().take();
  }
  [[nodiscard]] promise_type& promise() const { return frame_.promise(); }

 private:
  std::coroutine_handle<promise_type> frame_;
};

template <class T>
TinyTask<T> TinyPromise<T>::get_return_object() {
  return TinyTask<T>(std::coroutine_handle<TinyPromise>::from_promise(*this));
}
inline TinyTask<void> TinyPromise<void>::get_return_object() {
  return TinyTask<void>(std::coroutine_handle<TinyPromise>::from_promise(*this));
}

inline TinyTask<int> number(int value) { co_return value; }
inline TinyTask<bool> answer(bool value) { co_return value; }

}  // namespace rehearsal::toolchain
