// JoinHandle<T>: what spawn gives. Through it one task may wait for the end of another and take its
// result, or cancel it. Dropping the handle detaches: the task goes on, and its result is dropped.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "sched/core/executor.hpp"
#include "sched/core/footprint.hpp"
#include "sched/seam/result.hpp"

namespace rehearsal::sched {

template <class T = void>
class JoinHandle {
 public:
  JoinHandle() = default;
  explicit JoinHandle(TaskRecord& task) : task_(task) { Executor::hold(task); }
  JoinHandle(JoinHandle&& other) noexcept = default;
  JoinHandle& operator=(JoinHandle&& other) noexcept {
    std::swap(task_, other.task_);
    return *this;
  }
  ~JoinHandle() { detach(); }

  // False once it was detached or moved from.
  [[nodiscard]] bool attached() const { return static_cast<bool>(task_); }
  // REQUIRES of those below: attached().
  [[nodiscard]] const TaskRecord& task() const { return *task_; }
  [[nodiscard]] bool done() const {
    touch(task_->key(), Access::read);
    return task_->state() == TaskState::done;
  }

  // Marks the task: its frames are destroyed before the next resumption. Nothing where it is done.
  void cancel() { task_->executor().cancel(*task_); }

  void detach() {
    if (task_) {
      Executor::let_go(*task_);
      task_ = TaskReference();
    }
  }

  // Moves the result out, or rethrows what the task threw; std::errc::operation_canceled where it
  // was cancelled. REQUIRES: done(); once.
  T take() { return take_from(*task_); }

  class EndWaiter : public Waiter {
   public:
    EndWaiter(const EndWaiter&) = delete;
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
    TaskReference joined_;  // of its own: the handle may be moved or dropped meanwhile
  };
  class End final : public EndWaiter {
   public:
    explicit End(JoinHandle& handle) : EndWaiter(handle) {}
    void await_resume() { this->ended_task(); }
  };
  class Join final : public EndWaiter {
   public:
    explicit Join(JoinHandle& handle) : EndWaiter(handle) {}
    T await_resume() { return take_from(this->ended_task()); }
  };
  // co_await handle.ended(): waits for the end. One task at a time. Cancelled, either leaves the
  // result to be taken.
  [[nodiscard]] End ended() { return End(*this); }
  // co_await handle.join(): waits for the end, then take(). One task at a time.
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

// Compiled once: every program has it.
extern template class JoinHandle<void>;

}  // namespace rehearsal::sched
