// Waiting for time, and yielding to other tasks.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstdint>
#include <string>

#include "sched/core/executor.hpp"

namespace rehearsal::sched {

/// The awaiter of sleep_for() and sleep_until().
class Sleep final : public Waiter, private Timer {
 public:
  explicit Sleep(Duration how_long) : relative_(true), until_(how_long) {}
  explicit Sleep(Instant until) : relative_(false), until_(until) {}
  Sleep(Sleep&&) noexcept = default;  // only before it is awaited
  Sleep& operator=(const Sleep&) = delete;

  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <std::derived_from<PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) {
    start(caller.promise().task());
  }
  void await_resume() const noexcept {}
  [[nodiscard]] std::string describe() const override { return "sleep"; }

 private:
  void start(TaskRecord& task);
  void fire() override { task_->executor().make_ready(*task_); }
  [[nodiscard]] std::uint64_t timer_key() const override { return task_->key(); }
  [[nodiscard]] const TaskRecord* wakes() const override { return task_; }

  bool relative_;  // until_ counts from the co_await
  Instant until_;
};

/// Waits for at least `how_long`: `co_await sleep_for(d)`. If it is zero or negative, the task
/// still waits until the source was polled once. If cancelled, the timer is unset.
[[nodiscard]] inline Sleep sleep_for(Duration how_long) { return Sleep(how_long); }
/// Waits until the host's time is at least `until`. If it is in the past, the task still waits
/// until the source was polled once. If cancelled, the timer is unset.
[[nodiscard]] inline Sleep sleep_until(Instant until) { return Sleep(until); }

/// The awaiter of yield().
class Yield {
 public:
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <std::derived_from<PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) const {
    TaskRecord& task = caller.promise().task();
    task.executor().yield(task);
  }
  void await_resume() const noexcept {}
};

/// Suspends the task behind those that are ready now: `co_await yield()`.
[[nodiscard]] inline Yield yield() { return {}; }

}  // namespace rehearsal::sched
