// JoinHandle<T>: what spawn() returns.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "sched/core/executor.hpp"
#include "sched/core/footprint.hpp"
#include "sched/seam/result.hpp"

namespace rehearsal::sched {

/// Refers to a spawned task. Through it another task waits for its end and takes its result, or
/// cancels it. Dropping the handle detaches: the task continues, and its result is dropped. A
/// handle must not outlive the scheduler.
template <class T = void>
class JoinHandle {
 public:
  /// Creates a handle that is not attached.
  JoinHandle() = default;
  /// Refers to `task`, and keeps its result.
  explicit JoinHandle(TaskRecord& task) : task_(task) { Executor::hold(task); }
  JoinHandle(JoinHandle&& other) noexcept = default;
  JoinHandle& operator=(JoinHandle&& other) noexcept {
    std::swap(task_, other.task_);
    return *this;
  }
  ~JoinHandle() { detach(); }

  /// Returns false if the handle was default-constructed, detached or moved from.
  [[nodiscard]] bool attached() const { return static_cast<bool>(task_); }
  /// Returns the task's record. REQUIRES: attached().
  [[nodiscard]] const TaskRecord& task() const { return *task_; }
  /// Returns true if the task has ended: it returned, threw, or was cancelled.
  /// REQUIRES: attached().
  [[nodiscard]] bool done() const {
    touch(task_->key(), Access::read);
    return task_->state() == TaskState::done;
  }

  /// Cancels the task: its frames are destroyed before the next resumption of any task. Does
  /// nothing if the task is done. REQUIRES: attached().
  void cancel() { task_->executor().cancel(*task_); }

  /// Detaches: the task continues, and its result is dropped. Idempotent.
  void detach() {
    if (task_) {
      Executor::let_go(*task_);
      task_ = TaskReference();
    }
  }

  /// Moves the result out, or rethrows what the task threw. Throws
  /// std::system_error(operation_canceled) if the task was cancelled. REQUIRES: attached() and
  /// done(); may be called once.
  T take() { return take_from(*task_); }

  /// The common part of the awaiters of ended() and join().
  class EndWaiter : public Waiter {
   public:
    EndWaiter(EndWaiter&&) noexcept = default;  // only before it is awaited
    EndWaiter& operator=(const EndWaiter&) = delete;
    [[nodiscard]] bool await_ready() const {
      touch(joined_->key(), Access::read);
      return joined_->state() == TaskState::done;
    }
    template <std::derived_from<PromiseBase> Caller>
    void await_suspend(std::coroutine_handle<Caller> caller) {
      task_ = &caller.promise().task();
      task_->executor().suspend(*task_, *this);
      Executor::set_joiner(*joined_, task_);
    }
    [[nodiscard]] std::string describe() const override { return "end of " + joined_->path(); }

   protected:
    explicit EndWaiter(JoinHandle& handle) : joined_(*handle.task_) {}
    ~EndWaiter() {
      if (task_ != nullptr) {
        Executor::set_joiner(*joined_, nullptr);
      }
    }
    TaskRecord& ended_task() {
      task_ = nullptr;
      return *joined_;
    }

   private:
    TaskReference joined_;  // its own: the handle may be moved or dropped during the wait
  };
  /// The awaiter of ended().
  class End final : public EndWaiter {
   public:
    explicit End(JoinHandle& handle) : EndWaiter(handle) {}
    void await_resume() { this->ended_task(); }
  };
  /// The awaiter of join().
  class Join final : public EndWaiter {
   public:
    explicit Join(JoinHandle& handle) : EndWaiter(handle) {}
    T await_resume() { return take_from(this->ended_task()); }
  };
  /// Waits until the task is done: `co_await handle.ended()`. One task at a time. If the caller is
  /// cancelled, the result can still be taken. REQUIRES: attached().
  [[nodiscard]] End ended() { return End(*this); }
  /// Waits until the task is done, then returns its result as take() does: `T value = co_await
  /// handle.join()`. Throws what the task threw, or std::system_error(operation_canceled) if it was
  /// cancelled. One task at a time. If the caller is cancelled, the result can still be taken.
  /// REQUIRES: attached().
  [[nodiscard]] Join join() { return Join(*this); }

 private:
  static T take_from(TaskRecord& task) {
    check(task.state() == TaskState::done, "the result of a task is taken when it is done");
    PromiseBase* frame = Executor::ended_frame(task);
    if (frame == nullptr) {
      throw_error(std::errc::operation_canceled, "task " + task.path());
    }
    return static_cast<Promise<T>*>(frame)->take();
  }

  TaskReference task_;
};

/// Compiled once, because every program uses it.
extern template class JoinHandle<void>;

}  // namespace rehearsal::sched
