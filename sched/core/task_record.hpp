// What the scheduler knows of one task. A record outlives its task's frames: the ready queue,
// handles and the records of its children may still point at it, and find that the task is done.
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
class TaskOwner;

enum class TaskState : std::uint8_t { ready, running, waiting, done };

// What stays alive as long as a task's frames, and is destroyed after them.
class Attachment {
 public:
  Attachment() = default;
  Attachment(const Attachment&) = delete;
  Attachment& operator=(const Attachment&) = delete;
  virtual ~Attachment() = default;
};

class TaskRecord {
 public:
  TaskRecord(const TaskRecord&) = delete;
  TaskRecord& operator=(const TaskRecord&) = delete;

  // The parent's path, a slash, and the name given at spawn or else the ordinal among the parent's
  // unnamed children: "server/sessions/3". If the executor has Names, the second task of one path
  // gets "~2", and so on.
  [[nodiscard]] std::string path() const;
  // A 64-bit hash of path(), the same on every run and every machine.
  [[nodiscard]] std::uint64_t key() const { return key_; }
  // The task that spawned it; null where none did. Its record lives as long as this one.
  [[nodiscard]] const TaskRecord* parent() const { return parent_; }
  // How often it has become ready so far.
  [[nodiscard]] std::uint32_t times_ready() const { return times_ready_; }
  [[nodiscard]] TaskState state() const { return state_; }
  [[nodiscard]] bool cancelled() const { return cancelled_; }
  // It ended with an exception.
  [[nodiscard]] bool failed() const { return failed_; }
  [[nodiscard]] Instant since() const { return since_; }
  // What it waits on, in words; empty where it does not wait.
  [[nodiscard]] std::string waits_on() const;
  // The co_await at which each of its frames stands, innermost first.
  [[nodiscard]] std::vector<std::source_location> frames() const;
  // The innermost of frames().
  [[nodiscard]] std::source_location where() const;
  [[nodiscard]] Executor& executor() const { return *executor_; }

  static void* operator new(std::size_t bytes);
  static void operator delete(void* block, std::size_t bytes) noexcept;

 private:
  friend class Executor;
  friend class Prefetch;
  friend class PromiseBase;
  friend class TaskOwner;
  friend class TaskReference;

  TaskRecord(Executor& executor, TaskRecord* parent, std::string_view name, PromiseBase& root);
  ~TaskRecord();

  // Completes the path and its key. `ordinal` names a task that has no name.
  void number(std::uint32_t ordinal);
  void retain() { ++references_; }
  void release() {
    if (--references_ == 0) {
      delete this;
    }
  }

  // What a turn touches comes first, so that it lies together.
  Executor* executor_;
  PromiseBase* leaf_;          // the frame to resume; once done, the root frame or null
  Waiter* waiting_ = nullptr;  // in a frame of this task
  Instant since_{};
  std::uint64_t key_;
  std::uint32_t references_ = 0;
  std::uint32_t times_ready_ = 0;
  TaskState state_ = TaskState::ready;
  bool cancelled_ : 1 = false;  // its frames were destroyed before its end
  bool doomed_ : 1 = false;     // cancel() has marked it
  bool failed_ : 1 = false;
  bool has_handle_ : 1 = false;  // its root frame stays until the handle has taken the result
  std::uint32_t unnamed_children_ = 0;
  TaskRecord* parent_;           // retained: the path runs through it
  TaskOwner* owner_ = nullptr;   // whose list this task is in, until it is done
  TaskRecord* older_ = nullptr;  // neighbours in the owner's list
  TaskRecord* newer_ = nullptr;
  TaskOwner* groups_ = nullptr;   // the newest of the groups this task has open
  TaskRecord* joiner_ = nullptr;  // the task that waits for the end of this one
  std::unique_ptr<Attachment> attachment_;
  TaskName name_;
};

// A counted reference to a record.
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
