// Programs that compile, and do not wait: the compiler's warnings (-Wall) name the line.
#include "sched/sync/channel.hpp"
#include "sched/sync/mutex.hpp"

using namespace rehearsal;

sched::Task<> task();

sched::Task<> locks(sched::Mutex& mutex) {
  const auto lock = mutex.lock();  // unused variable
  co_await task();
}
sched::Task<> locks_nothing(sched::Mutex& mutex) {
  mutex.lock();  // nodiscard
  co_await task();
}
sched::Task<> acquires(sched::Semaphore& semaphore) {
  auto permit = semaphore.acquire();  // unused variable
  co_await task();
}
sched::Task<> sends(sched::Channel<int>& channel) {
  channel.send(1);  // nodiscard
  co_await task();
}
sched::Task<> calls() {
  task();  // nodiscard
  co_return;
}
sched::Task<> holds(sched::Mutex& mutex) {
  const auto lock = co_await mutex.lock();
  co_await task();
}
