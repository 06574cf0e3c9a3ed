// A timeout is a cancellation by a timer: when it fires, the frames of what was awaited are
// destroyed, and the caller continues with an error.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <exception>
#include <string>
#include <utility>

#include "sched/base/unavailable.hpp"
#include "sched/core/executor.hpp"
#include "sched/core/operation.hpp"
#include "sched/seam/result.hpp"

namespace rehearsal::sched {

/// The awaiter of with_timeout() and with_deadline().
template <class T>
class [[nodiscard]] Timeout final : private Timer {
 public:
  Timeout(Deadline deadline, Task<T> body) : deadline_(deadline), body_(std::move(body)) {}
  Timeout(Duration limit, Task<T> body)
      : relative_(true), deadline_(limit), body_(std::move(body)) {}
  Timeout(Timeout&&) noexcept = default;  // only before it is awaited
  Timeout& operator=(const Timeout&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <std::derived_from<PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) {
    task_ = &caller.promise().task();
    callee_ = &body_.release();
    callee_->call_from(caller.promise());
    Executor& executor = task_->executor();
    const Deadline deadline =
        relative_ ? after(executor.now(), deadline_.time_since_epoch()) : deadline_;
    if (deadline != never) {
      executor.timers().set(*this, deadline);
    }
  }
  T await_resume() {
    if (callee_ == nullptr) {
      throw_error(std::errc::timed_out, "with_timeout");
    }
    unset();
    EndedFrame<T> frame(*callee_);
    return frame.take();
  }

 private:
  void fire() override { task_->executor().cut(*task_, *std::exchange(callee_, nullptr)); }
  // A task may have several timeouts at once, each in a frame of its own.
  [[nodiscard]] std::uint64_t timer_key() const override {
    std::uint64_t depth = 0;
    for (const PromiseBase* frame = callee_; frame != nullptr; frame = frame->parent()) {
      ++depth;
    }
    return task_->key() + depth;
  }
  [[nodiscard]] const TaskRecord* wakes() const override { return task_; }
  [[nodiscard]] std::string describe() const override { return "timeout"; }

  bool relative_ = false;
  Deadline deadline_;
  TaskRecord* task_ = nullptr;
  Promise<T>* callee_ = nullptr;  // null once the timer has fired
  Task<T> body_;
};

/// Awaits `body`, a task or an operation, for at most `limit`: `auto result = co_await
/// with_timeout(limit, body())` is its result. Throws std::system_error(timed_out) if it has not
/// ended by then; what it was doing is cancelled. If the caller is cancelled, `body` is
/// cancelled too.
template <Awaitable A>
[[nodiscard]] auto with_timeout(Duration limit, A body) {
  return Timeout<typename TaskOf<A>::value_type>(limit, as_task(std::move(body)));
}
template <class A>
  requires(!Awaitable<A>)
[[REHEARSAL_UNAVAILABLE("with_timeout: what is awaited must be a Task or an operation")]]
Task<int> with_timeout(Duration /*limit*/, const A& /*body*/) {
  std::terminate();
}
/// Awaits `body`, a task or an operation, until `deadline`: `auto result = co_await
/// with_deadline(host.now() + 5s, body())` is its result. `never` means no limit. Throws
/// std::system_error(timed_out) if it has not ended by then; what it was doing is cancelled. If the
/// caller is cancelled, `body` is cancelled too.
template <Awaitable A>
[[nodiscard]] auto with_deadline(Deadline deadline, A body) {
  return Timeout<typename TaskOf<A>::value_type>(deadline, as_task(std::move(body)));
}
template <class A>
  requires(!Awaitable<A>)
[[REHEARSAL_UNAVAILABLE("with_deadline: what is awaited must be a Task or an operation")]]
Task<int> with_deadline(Deadline /*deadline*/, const A& /*body*/) {
  std::terminate();
}

}  // namespace rehearsal::sched
