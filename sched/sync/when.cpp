#include "sched/sync/when.hpp"

namespace rehearsal::sched {

Task<> FirstOf::join() {
  co_await none_left();
  if (failure_) {
    std::rethrow_exception(failure_);
  }
}

void FirstOf::child_done(TaskRecord& /*task*/, const std::exception_ptr& failure) {
  if (!std::exchange(ended_, true)) {
    failure_ = failure;
    cancel();
  }
  child_left();
}

}  // namespace rehearsal::sched
