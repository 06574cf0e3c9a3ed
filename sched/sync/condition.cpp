#include "sched/sync/condition.hpp"

namespace rehearsal::sched {

Task<> Condition::wait(Mutex::Lock& lock) {
  check(lock.held(), "a task that waits for a condition holds its mutex");
  lock.release();
  Notified notified(*this);
  co_await notified;
  lock = co_await mutex_.lock();
  notified.use_up();
}

}  // namespace rehearsal::sched
