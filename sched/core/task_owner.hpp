// TaskOwner: what answers for tasks. The executor owns the tasks spawned on it, a group its
// children. An owner lists its tasks that are not done. A task lists its open owners. So a tree of
// tasks can be walked, and destroyed leaves first, without recursion.
#pragma once

#include <cstddef>
#include <exception>

#include "sched/core/task_record.hpp"

namespace rehearsal::sched {

class TaskOwner {
 public:
  TaskOwner(const TaskOwner&) = delete;
  TaskOwner& operator=(const TaskOwner&) = delete;

  // Returns the task that opened this owner. Null for the executor, and if it was opened outside
  // every task.
  [[nodiscard]] TaskRecord* opener() const { return opener_.get(); }
  [[nodiscard]] TaskRecord* newest() const { return newest_; }
  [[nodiscard]] TaskRecord* oldest() const { return oldest_; }
  [[nodiscard]] std::size_t size() const { return size_; }

  // Calls f(TaskRecord&) for each task that is not done, oldest first.
  template <class F>
  void for_each(F&& f) const {
    for (TaskRecord* task = oldest_; task != nullptr; task = task->newer_) {
      f(*task);
    }
  }

 protected:
  // Adds it to `opener`'s open groups until it is destroyed.
  explicit TaskOwner(TaskRecord* opener);
  virtual ~TaskOwner();

 private:
  friend class Executor;

  // Called between resumptions when a task of this owner is done and no longer listed. `failure` is
  // null if it returned or was cancelled.
  virtual void child_done(TaskRecord& task, const std::exception_ptr& failure) = 0;

  void add(TaskRecord& task);
  void remove(TaskRecord& task);

  TaskReference opener_;
  TaskOwner* older_ = nullptr;  // neighbours among the opener's open groups
  TaskOwner* newer_ = nullptr;
  TaskRecord* oldest_ = nullptr;
  TaskRecord* newest_ = nullptr;
  std::size_t size_ = 0;
};

}  // namespace rehearsal::sched
