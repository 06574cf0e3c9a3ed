// TaskLocal<T>: a value that belongs to a task and is seen by the tasks that it spawns.
#pragma once

#include <memory>
#include <utility>

#include "sched/core/executor.hpp"

namespace rehearsal::sched {

/// A value that belongs to a task, such as the id of the request that it serves:
///
///     TaskLocal<std::string> request_id;
///     request_id.set(host, "7f3a");
///     const std::string* id = request_id.get(host);
///
/// A task that has not set it sees the value of its nearest ancestor that has; its parent is the
/// task that spawned it (see TaskRecord::parent). So the children of a TaskGroup, of when_all() and
/// of finally() see what their parent sees, also after the parent has ended. A value that a child
/// sets is seen by the child and its descendants only.
///
/// Must outlive the host, and stay in its place. Tasks that use none pay nothing.
template <class T>
class TaskLocal {
 public:
  TaskLocal() = default;
  TaskLocal(const TaskLocal&) = delete;
  TaskLocal& operator=(const TaskLocal&) = delete;

  /// Sets the value of the running task, and destroys the one that it had. Pass a Host or an
  /// Executor. The value is destroyed when the task has ended and nothing refers to it: no handle
  /// and no descendant. REQUIRES: a task is running.
  void set(const Executor& executor, T value) const {
    check(executor.current() != nullptr, "the value of a TaskLocal is set by a task");
    executor.current()->set_local(std::make_unique<Value>(this, std::move(value)));
  }
  /// Returns the value that the running task sees, or null if there is none or no task is running.
  /// Valid until the task that has set it sets it again, or ends.
  [[nodiscard]] const T* get(const Executor& executor) const {
    const TaskRecord* task = executor.current();
    const Attachment* value = task == nullptr ? nullptr : task->find_local(this);
    return value == nullptr ? nullptr : &static_cast<const Value*>(value)->value_;
  }

 private:
  struct Value final : Attachment {
    Value(const TaskLocal* local, T value) : Attachment(local), value_(std::move(value)) {}
    T value_;
  };
};

}  // namespace rehearsal::sched
