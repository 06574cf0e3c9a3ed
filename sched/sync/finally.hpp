// finally(body, cleanup, limit): an asynchronous clean-up, which a destructor could not wait for.
#pragma once

#include <utility>

#include "sched/base/unavailable.hpp"
#include "sched/core/spawn.hpp"
#include "sched/sync/timeout.hpp"

namespace rehearsal::sched {

/// Starts the clean-up if it is destroyed while armed, which happens only on cancellation.
template <class F>
class CleanupGuard {
 public:
  CleanupGuard(TaskRecord& task, F cleanup, Duration limit)
      : task_(task), cleanup_(std::move(cleanup)), limit_(limit) {}
  CleanupGuard(const CleanupGuard&) = delete;
  CleanupGuard& operator=(const CleanupGuard&) = delete;
  ~CleanupGuard() {
    if (armed_ && !task_.executor().closing()) {
      start();
    }
  }

  JoinHandle<> start() {
    armed_ = false;
    return sched::spawn(
        SpawnInto{.executor = task_.executor(), .parent = &task_, .name = "finally"},
        [cleanup = std::move(cleanup_), limit = limit_]() mutable {
          return bounded(cleanup, limit);
        });
  }

 private:
  static Task<> bounded(F& cleanup, Duration limit) { co_await with_timeout(limit, cleanup()); }

  TaskRecord& task_;
  F cleanup_;
  Duration limit_;
  bool armed_ = true;
};

/// Runs a task to its end: `co_await Body(task)` returns its promise instead of its result. The
/// caller destroys the frame.
template <class T>
class Body {
 public:
  explicit Body(Task<T> task) : callee_(task.release()) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <std::derived_from<PromiseBase> Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) const noexcept {
    callee_.call_from(caller.promise());
  }
  [[nodiscard]] Promise<T>& await_resume() const noexcept { return callee_; }

 private:
  Promise<T>& callee_;
};

/// Runs `body`, then `cleanup()`, however `body` ended: with a result, an exception or a
/// cancellation. `T result = co_await finally(body(), cleanup, limit)` returns the result of `body`
/// or rethrows what it threw; otherwise it rethrows what the clean-up threw.
///
/// `cleanup` returns a Task<> and must own what it uses, because the frames around it may be gone
/// when it runs. The clean-up is a task of its own, which a cancellation of the caller does not
/// reach. If it has not ended after `limit`, it is cancelled and fails with std::errc::timed_out. A
/// scheduler that is being destroyed runs no clean-up.
template <class T, TaskMaker F>
Task<T> finally(Task<T> body, F cleanup, Duration limit) {
  TaskRecord& self = co_await this_task();
  CleanupGuard<F> guard(self, std::move(cleanup), limit);
  Promise<T>& outcome = co_await Body<T>(std::move(body));
  EndedFrame<T> frame(outcome);
  JoinHandle<> handle = guard.start();
  if (outcome.failure()) {
    co_await handle.ended();
  } else {
    co_await handle.join();
  }
  co_return frame.take();
}
template <class T, class F>
[[REHEARSAL_UNAVAILABLE("finally: the clean-up must return a Task")]]
Task<T> finally(Task<T> body, F /*cleanup*/, Duration /*limit*/) {
  return body;
}

}  // namespace rehearsal::sched
