// The scheduler's record of one task. It outlives the task's frames: the ready queue, handles and
// the records of its children may still refer to it, and see that the task is done.
#pragma once

#include <cstdint>
#include <memory>
#include <source_location>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/time.hpp"
#include "sched/core/task_name.hpp"
#include "sched/core/waiter.hpp"

namespace rehearsal::sched {

class Executor;
class PromiseBase;
template <class T>
class TaskLocal;
class TaskOwner;

/// The state of a task. `ready`: will be resumed in its turn. `waiting`: waits for a socket, a
/// timer or another task. `done`: returned, threw, or was cancelled.
enum class TaskState : std::uint8_t { ready, running, waiting, done };

/// An object that belongs to a task: the callable that returned its first frame, which is destroyed
/// after the frames, or the value of a TaskLocal, which lives as long as the record.
class Attachment {
 public:
  /// `local` is the TaskLocal of a value; null for the callable.
  explicit Attachment(const void* local = nullptr) : local_(local) {}
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;
  virtual ~Attachment() = default;

 private:
  friend class TaskRecord;

  const void* local_;
  std::unique_ptr<Attachment> next_;
};

/// The scheduler's record of one task. It lives as long as a handle, a child's record or the ready
/// queue refers to it.
class TaskRecord {
 public:
  TaskRecord(const TaskRecord&) = delete;
  TaskRecord& operator=(const TaskRecord&) = delete;

  /// Returns the task's path: its parent's path, a slash, and the name passed to spawn(), or else
  /// its number among the parent's unnamed children, as in "server/sessions/3". If the executor has
  /// Names, the second task with a path gets "~2" appended, the third "~3", and so on.
  [[nodiscard]] std::string path() const;
  /// Returns a 64-bit hash of path(), the same in every run and on every machine.
  [[nodiscard]] std::uint64_t key() const { return key_; }
  /// Returns the task that spawned it, or null if none did. The parent's record lives as long as
  /// this one.
  [[nodiscard]] const TaskRecord* parent() const { return parent_; }
  /// Returns how often the task has become ready.
  [[nodiscard]] std::uint32_t times_ready() const { return times_ready_; }
  /// Returns the state of the task.
  [[nodiscard]] TaskState state() const { return state_; }
  /// Returns true if the task was cancelled before its end.
  [[nodiscard]] bool cancelled() const { return cancelled_; }
  /// Returns true if the task ended with an exception.
  [[nodiscard]] bool failed() const { return failed_; }
  /// Returns when the task entered its state.
  [[nodiscard]] Instant since() const { return since_; }
  /// Returns what the task waits for, as text: "sleep", "receive on 7". Empty if it does not wait.
  [[nodiscard]] std::string waits_on() const;
  /// Returns the line of the co_await at which each of its frames is suspended, innermost first.
  [[nodiscard]] std::vector<std::source_location> frames() const;
  /// Returns the first of frames() whose line is known; line 0 if none is.
  [[nodiscard]] std::source_location where() const;
  /// Returns the executor that runs the task.
  [[nodiscard]] Executor& executor() const { return *executor_; }

  static void* operator new(std::size_t bytes);
  static void operator delete(void* block, std::size_t bytes) noexcept;

 private:
  friend class Executor;
  friend class Prefetch;
  friend class PromiseBase;
  template <class T>
  friend class TaskLocal;
  friend class TaskOwner;
  friend class TaskReference;

  TaskRecord(Executor& executor, TaskRecord* parent, std::string_view name, PromiseBase& root);
  ~TaskRecord();

  // Returns the value of `local` that this task has, or its nearest ancestor that has one; null if
  // none has.
  [[nodiscard]] const Attachment* find_local(const void* local) const;
  // Adds a value, in place of the one that the task has for the same TaskLocal.
  void set_local(std::unique_ptr<Attachment> value);
  // Destroys the callable. REQUIRES: the frames are gone.
  void drop_callable();
  // Completes the path and its key. `ordinal` is the number of a task without a name.
  void number(std::uint32_t ordinal);
  void retain() { ++references_; }
  void release() {
    if (--references_ == 0) {
      delete this;
    }
  }

  // The members that each turn uses come first, so that they share cache lines.
  Executor* executor_;
  PromiseBase* leaf_;          // the frame to resume; once done, the root frame or null
  Waiter* waiting_ = nullptr;  // in a frame of this task, or null
  Instant since_{};
  std::uint64_t key_;
  std::uint32_t references_ = 0;
  std::uint32_t times_ready_ = 0;
  TaskState state_ = TaskState::ready;
  bool cancelled_ : 1 = false;  // its frames were destroyed before its end
  bool doomed_ : 1 = false;     // set by cancel()
  bool failed_ : 1 = false;
  bool has_handle_ : 1 = false;  // the root frame stays until the handle has taken the result
  std::uint32_t unnamed_children_ = 0;
  TaskRecord* parent_;           // retained: the path includes it
  TaskOwner* owner_ = nullptr;   // lists this task until it is done
  TaskRecord* older_ = nullptr;  // neighbours in the owner's list
  TaskRecord* newer_ = nullptr;
  TaskOwner* groups_ = nullptr;              // the newest of the groups that this task has open
  TaskRecord* joiner_ = nullptr;             // the task that waits for the end of this one, or null
  std::unique_ptr<Attachment> attachments_;  // a list: values, then the callable
  TaskName name_;
};

/// A counted reference to a record.
class TaskReference {
 public:
  TaskReference() = default;
  explicit TaskReference(TaskRecord& record) : record_(&record) { record.retain(); }
  TaskReference(TaskReference&& other) noexcept : record_(std::exchange(other.record_, nullptr)) {}
  TaskReference& operator=(TaskReference&& other) noexcept {
    std::swap(record_, other.record_);
    return *this;
  }
  ~TaskReference() {
    if (record_ != nullptr) {
      record_->release();
    }
  }

  [[nodiscard]] TaskRecord* get() const { return record_; }
  TaskRecord& operator*() const { return *record_; }
  TaskRecord* operator->() const { return record_; }
  explicit operator bool() const { return record_ != nullptr; }

 private:
  TaskRecord* record_ = nullptr;
};

}  // namespace rehearsal::sched
