#include "sched/sync/task_group.hpp"

namespace rehearsal::sched {

Task<> TaskGroup::join() {
  while (size() != 0) {  // another task may have spawned a child since the last one left
    co_await none_left();
  }
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void TaskGroup::child_done(TaskRecord& /*task*/, const std::exception_ptr& failure) {
  if (failure && !failure_) {
    failure_ = failure;
    Children::cancel();
  }
  child_left();
}

}  // namespace rehearsal::sched
