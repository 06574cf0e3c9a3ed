// Task<T>: a lazy coroutine with one owner. It starts when it is awaited or spawned. A started
// frame belongs to its task's chain of frames, which ends in one of two ways. Each frame returns to
// its parent, which takes the result and destroys it; or the scheduler destroys the chain,
// innermost frame first. Neither way recurses, and a task is always resumed from the scheduler's
// own loop, so chains of any depth run in constant stack space.
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

/// Returns true while a frame is being destroyed because its task was cancelled. Scope guards need
/// it because std::uncaught_exceptions() does not count cancellations. See also unwinding().
[[nodiscard]] bool being_cancelled();

/// The awaiter of `co_await std::move(task)`: continues in the task's frame, and takes its result
/// when it has ended.
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

/// Refers to an awaiter that lives in the same full expression.
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
/// g++ 12 copies an awaiter that await_transform returns by reference.
template <class Awaiter>
using Awaited = AwaiterReference<Awaiter>;
#endif

/// Refers to an awaiter whose co_await is in the library: `co_await Unplaced(awaiter)` shows the
/// line of the caller in its place.
template <class Awaiter>
struct Unplaced {
  explicit Unplaced(Awaiter& of) : awaiter(of) {}
  Awaiter& awaiter;
};

/// The tag that this_task() returns.
struct ThisTask {};
/// Returns the record of the running task, without waiting: `TaskRecord& self =
/// co_await this_task()`.
[[nodiscard]] inline ThisTask this_task() { return {}; }

/// The awaiter of this_task().
class CurrentTask {
 public:
  explicit CurrentTask(TaskRecord& task) : task_(task) {}
  [[nodiscard]] bool await_ready() const noexcept { return true; }
  void await_suspend(std::coroutine_handle<> /*caller*/) const noexcept {}
  [[nodiscard]] TaskRecord& await_resume() const noexcept { return task_; }

 private:
  TaskRecord& task_;
};

/// The part of a coroutine's promise that does not depend on its result type.
class PromiseBase {
 public:
  PromiseBase(const PromiseBase&) = delete;
  PromiseBase& operator=(const PromiseBase&) = delete;

  /// Returns the task that the frame belongs to. REQUIRES: the frame was started.
  [[nodiscard]] TaskRecord& task() const { return *record_; }
  /// Returns the line of the latest co_await; line 0 before the first, and if it is Unplaced.
  [[nodiscard]] std::source_location where() const { return where_; }
  /// Returns the frame that awaits this one, or null in the root frame of a task.
  [[nodiscard]] PromiseBase* parent() const { return parent_; }

  /// Starts this frame, called by `parent` of the same task.
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
    // clang 19 also calls this for exceptions that a destructor throws while the frame
    // is destroyed.
    if (being_cancelled()) [[unlikely]] {
      std::terminate();
    }
    failure_ = std::current_exception();
  }
  /// Returns what the coroutine threw, or null.
  [[nodiscard]] const std::exception_ptr& failure() const { return failure_; }

  /// Records the line of each co_await, so that a task dump can show where a task waits.
  template <class Awaiter>
  Awaited<Awaiter> await_transform(Awaiter&& awaiter,
                                   std::source_location where = std::source_location::current()) {
    where_ = where;
    return Awaited<Awaiter>(awaiter);
  }
  /// Records no line in a frame that another one awaits.
  template <class Awaiter>
  Awaited<Awaiter> await_transform(Unplaced<Awaiter>&& of,
                                   std::source_location where = std::source_location::current()) {
    where_ = parent_ == nullptr ? where : std::source_location();
    return Awaited<Awaiter>(of.awaiter);
  }
  /// Supports `co_await this_task()`.
  CurrentTask await_transform(ThisTask /*tag*/) { return CurrentTask(*record_); }
  template <class T>
  Call<T> await_transform(Task<T>&& task,
                          std::source_location where = std::source_location::current()) {
    where_ = where;
    return Call<T>(task.release());
  }
  /// Rejects `co_await task`: awaiting consumes a task, so write `co_await std::move(task)`.
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

  // The promise is at a fixed place in the frame as long as nothing in it is aligned to more than
  // 16 bytes.
  [[nodiscard]] std::coroutine_handle<> frame() {
    return std::coroutine_handle<PromiseBase>::from_promise(*this);
  }

  TaskRecord* record_ = nullptr;   // null until the frame is started
  PromiseBase* parent_ = nullptr;  // null in the root frame of a task
  std::source_location where_;     // its latest co_await; line 0 before the first
  std::exception_ptr failure_;
};

/// Holds the value that a coroutine returned.
template <class T>
class ReturnValue {
  // A promise's alignment is limited (see PromiseBase::frame), so values with a larger one are
  // stored on the heap.
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

/// The promise of a Task<T>.
template <class T>
class Promise final : public PromiseBase, public ReturnValue<T> {
 public:
  Task<T> get_return_object() { return Task<T>(*this); }

  /// Moves the value out, or rethrows what the coroutine threw. REQUIRES: the coroutine has ended;
  /// called once.
  T take() {
    rethrow_failure();
    return this->take_value();
  }
};

/// Owns the frame of a coroutine that has ended, and destroys it once its result is taken.
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

/// A lazy coroutine that returns a T, or throws. It starts once: when it is spawned, or awaited as
/// `co_await f()` or `co_await std::move(task)`. A task that was never started is destroyed with
/// its Task object. If the awaiting task is cancelled, the awaited frames are destroyed, innermost
/// first, and their destructors run.
template <class T>
class [[nodiscard]] Task {
 public:
  /// The promise of the coroutine.
  using promise_type = Promise<T>;
  /// The type of the result.
  using value_type = T;

  /// Moves the coroutine; `other` is then empty.
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

  /// Returns true if the task was moved from, awaited or spawned.
  [[nodiscard]] bool empty() const { return promise_ == nullptr; }

  /// Releases the frame, not yet started, to its caller, who must start it. REQUIRES: !empty().
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

/// Compiled once, because every program uses it.
extern template class Promise<void>;
extern template class EndedFrame<void>;
extern template class Task<void>;
extern template class Call<void>;

}  // namespace rehearsal::sched
