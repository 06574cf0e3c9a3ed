// Task<T>: a lazy coroutine with one owner. It starts when it is awaited or spawned; awaiting
// consumes it. A started frame belongs to its task's chain of frames, which ends in one of two
// ways: each frame returns to its parent, which takes the result and destroys it; or the scheduler
// destroys the chain, innermost frame first. Neither way recurses, and a task is always resumed
// from the scheduler's own loop, so chains of any depth run in constant stack.
#pragma once

#include <concepts>
#include <coroutine>
#include <cstddef>
#include <exception>
#include <memory>
#include <optional>
#include <source_location>
#include <type_traits>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/core/frame_allocator.hpp"
#include "sched/core/task_record.hpp"

namespace rehearsal::sched {

template <class T = void>
class Task;
template <class T>
class Promise;

// True while a frame is being destroyed because its task was cancelled: what a guard asks that
// would otherwise ask std::uncaught_exceptions(), which a cancellation does not count in.
[[nodiscard]] bool being_cancelled();

// co_await task: continues with its frame, and takes its result when it has ended.
template <class T>
class Call {
 public:
  explicit Call(Promise<T>& callee) : callee_(callee) {}
  [[nodiscard]] bool await_ready() const noexcept { return false; }
  template <class Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) const noexcept {
    callee_.call_from(caller.promise());
  }
  T await_resume() const;

 private:
  Promise<T>& callee_;
};

// Stands for an awaiter that lives in the same full expression.
template <class Awaiter>
class AwaiterReference {
 public:
  explicit AwaiterReference(Awaiter& awaiter) : awaiter_(awaiter) {}
  [[nodiscard]] bool await_ready() const { return awaiter_.await_ready(); }
  template <class Caller>
  void await_suspend(std::coroutine_handle<Caller> caller) const {
    awaiter_.await_suspend(caller);
  }
  decltype(auto) await_resume() const { return awaiter_.await_resume(); }

 private:
  Awaiter& awaiter_;
};

#if defined(__clang__)
template <class Awaiter>
using Awaited = Awaiter&;
#else
// g++ 12 copies an awaiter that await_transform returns by reference.
template <class Awaiter>
using Awaited = AwaiterReference<Awaiter>;
#endif

// co_await this_task(): the record of the task that runs, without waiting.
struct ThisTask {};
[[nodiscard]] inline ThisTask this_task() { return {}; }

class CurrentTask {
 public:
  explicit CurrentTask(TaskRecord& task) : task_(task) {}
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<> /*caller*/) const noexcept {}
  [[nodiscard]] TaskRecord& await_resume() const noexcept { return task_; }

 private:
  TaskRecord& task_;
};

class PromiseBase {
 public:
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  [[nodiscard]] TaskRecord& task() const { return *record_; }
  [[nodiscard]] std::source_location where() const { return where_; }
  [[nodiscard]] PromiseBase* parent() const { return parent_; }

  // Continues with this frame, called by `parent` of the same task.
  void call_from(PromiseBase& parent) {
    parent_ = &parent;
    record_ = parent.record_;
    record_->leaf_ = this;
  }

  std::suspend_always initial_suspend() const noexcept { return {}; }

  struct Return {
    bool await_ready() const noexcept { return false; }
    template <std::derived_from<PromiseBase> Promise>
    void await_suspend(std::coroutine_handle<Promise> frame) const noexcept {
      frame.promise().give_back();
    }
    void await_resume() const noexcept {}
  };
  Return final_suspend() const noexcept { return {}; }

  void unhandled_exception() noexcept {
    // clang 19 sends here what a destructor throws while the frame is being destroyed, too.
    if (being_cancelled()) [[unlikely]] {
      std::terminate();
    }
    failure_ = std::current_exception();
  }
  [[nodiscard]] const std::exception_ptr& failure() const { return failure_; }

  // Notes the line of each co_await, so that a task can say where it waits.
  template <class Awaiter>
  Awaited<Awaiter> await_transform(Awaiter&& awaiter,
                                   std::source_location where = std::source_location::current()) {
    where_ = where;
    return Awaited<Awaiter>(awaiter);
  }
  // auto& task = co_await this_task();
  CurrentTask await_transform(ThisTask /*tag*/) { return CurrentTask(*record_); }
  template <class T>
  Call<T> await_transform(Task<T>&& task,
                          std::source_location where = std::source_location::current()) {
    where_ = where;
    return Call<T>(task.release());
  }
  // A task is awaited once, and goes with it: co_await std::move(task).
  template <class T>
  void await_transform(Task<T>& task) = delete;

  static void* operator new(std::size_t bytes) { return allocate_frame(bytes); }
  static void operator delete(void* block, std::size_t bytes) noexcept { free_frame(block, bytes); }

 protected:
  PromiseBase() = default;
  ~PromiseBase() = default;

  void rethrow_failure() {
    if (failure_) [[unlikely]] {
      std::rethrow_exception(std::move(failure_));
    }
  }

 private:
  friend class Executor;
  friend class TaskRecord;

  void give_back() noexcept {
    if (parent_ != nullptr) {
      record_->leaf_ = parent_;
    } else {
      record_->state_ = TaskState::done;
    }
  }

  // The promise lies at a fixed place in the frame as long as nothing in it is aligned above 16
  // bytes.
  [[nodiscard]] std::coroutine_handle<> frame() {
    return std::coroutine_handle<PromiseBase>::from_promise(*this);
  }

  TaskRecord* record_ = nullptr;   // null until it is started
  PromiseBase* parent_ = nullptr;  // null in the root frame of a task
  std::source_location where_;     // its latest co_await; line 0 before the first
  std::exception_ptr failure_;
};

// Holds the value that a coroutine returned.
template <class T>
class ReturnValue {
  // A promise's alignment is limited (PromiseBase::frame), so wider ones are kept elsewhere.
  static constexpr bool boxed = alignof(T) > 16;

 public:
  template <class U>
    requires std::constructible_from<T, U&&>
  void return_value(U&& value) {
    if constexpr (boxed) {
      value_ = std::make_unique<T>(std::forward<U>(value));
    } else {
      value_.emplace(std::forward<U>(value));
    }
  }
  T take_value() { return std::move(*value_); }

 private:
  std::conditional_t<boxed, std::unique_ptr<T>, std::optional<T>> value_;
};

template <class T>
  requires std::is_reference_v<T>
class ReturnValue<T> {
 public:
  void return_value(T value) { value_ = std::addressof(value); }
  T take_value() { return static_cast<T>(*value_); }

 private:
  std::remove_reference_t<T>* value_ = nullptr;
};

template <>
class ReturnValue<void> {
 public:
  void return_void() const noexcept {}
  void take_value() const noexcept {}
};

template <class T>
class Promise final : public PromiseBase, public ReturnValue<T> {
 public:
  Task<T> get_return_object() { return Task<T>(*this); }

  // Moves the value out, or rethrows. REQUIRES: the coroutine has ended; called once.
  T take() {
    rethrow_failure();
    return this->take_value();
  }
};

// The frame of a coroutine that was started, and must be destroyed when its result has been taken.
template <class T>
class EndedFrame {
 public:
  explicit EndedFrame(Promise<T>& promise) : promise_(promise) {}
  EndedFrame(const EndedFrame&) = delete;
  EndedFrame& operator=(const EndedFrame&) = delete;
  ~EndedFrame() { std::coroutine_handle<Promise<T>>::from_promise(promise_).destroy(); }
  T take() { return promise_.take(); }

 private:
  Promise<T>& promise_;
};

template <class T>
class [[nodiscard]] Task {
 public:
  using promise_type = Promise<T>;
  using value_type = T;

  Task(Task&& other) noexcept : promise_(std::exchange(other.promise_, nullptr)) {}
  Task& operator=(Task&& other) noexcept {
    std::swap(promise_, other.promise_);
    return *this;
  }
  ~Task() {
    if (promise_ != nullptr) {
      std::coroutine_handle<Promise<T>>::from_promise(*promise_).destroy();
    }
  }

  [[nodiscard]] bool empty() const { return promise_ == nullptr; }

  // Gives the frame, not yet started, to whoever starts it. REQUIRES: !empty().
  Promise<T>& release() {
    check(promise_ != nullptr, "a task is awaited or spawned once");
    return *std::exchange(promise_, nullptr);
  }

 private:
  friend class Promise<T>;
  explicit Task(Promise<T>& promise) : promise_(&promise) {}

  Promise<T>* promise_;
};

template <class T>
inline T Call<T>::await_resume() const {
  EndedFrame<T> frame(callee_);
  return frame.take();
}

// Compiled once: every program has it.
extern template class Promise<void>;
extern template class EndedFrame<void>;
extern template class Task<void>;
extern template class Call<void>;

}  // namespace rehearsal::sched
