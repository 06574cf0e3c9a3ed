#include "sched/sync/sleep.hpp"

namespace rehearsal::sched {

void Sleep::start(TaskRecord& task) {
  task_ = &task;
  Executor& executor = task.executor();
  const Instant until = relative_ ? after(executor.now(), until_.time_since_epoch()) : until_;
  executor.suspend(task, *this);
  executor.timers().set(*this, until);
}

}  // namespace rehearsal::sched
