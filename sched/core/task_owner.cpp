#include "sched/core/task_owner.hpp"

namespace rehearsal::sched {

TaskOwner::TaskOwner(TaskRecord* opener) {
  if (opener != nullptr) {
    opener_ = TaskReference(*opener);
    older_ = opener_->groups_;
    if (older_ != nullptr) {
      older_->newer_ = this;
    }
    opener_->groups_ = this;
  }
}

TaskOwner::~TaskOwner() {
  if (!opener_) {
    return;
  }
  if (older_ != nullptr) {
    older_->newer_ = newer_;
  }
  (newer_ != nullptr ? newer_->older_ : opener_->groups_) = older_;
}

void TaskOwner::add(TaskRecord& task) {
  task.owner_ = this;
  task.older_ = newest_;
  (newest_ != nullptr ? newest_->newer_ : oldest_) = &task;
  newest_ = &task;
  ++size_;
}

void TaskOwner::remove(TaskRecord& task) {
  (task.newer_ != nullptr ? task.newer_->older_ : newest_) = task.older_;
  (task.older_ != nullptr ? task.older_->newer_ : oldest_) = task.newer_;
  task.older_ = nullptr;
  task.newer_ = nullptr;
  task.owner_ = nullptr;
  --size_;
}

}  // namespace rehearsal::sched
