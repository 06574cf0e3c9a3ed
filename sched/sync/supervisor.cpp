#include "sched/sync/supervisor.hpp"

#include <utility>

namespace rehearsal::sched {

Supervisor::Supervisor(Executor& executor, SupervisorOptions options)
    : Children(executor), options_(std::move(options)) {
  check(options_.limit > 0, "a supervisor's limit is at least 1");
}

Task<> Supervisor::room() {
  while (size() >= options_.limit) {
    room_.clear();
    co_await room_.wait();
  }
}

Task<> Supervisor::join() {
  while (size() != 0) {  // another task may have spawned a child since the last one left
    co_await none_left();
  }
}

void Supervisor::child_done(TaskRecord& task, const std::exception_ptr& failure) {
  ++finished_;
  if (failure) {
    ++failed_;
    if (options_.on_failure) {
      options_.on_failure(task, failure);
    }
  }
  room_.set();
  child_left();
}

}  // namespace rehearsal::sched
