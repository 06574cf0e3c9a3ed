// Programs that do not compile, because they await something that is not a task.
#include <chrono>

#include "sched/sync/channel.hpp"
#include "sched/sync/finally.hpp"
#include "sched/sync/timeout.hpp"
#include "sched/sync/when.hpp"

using namespace rehearsal;
using namespace std::chrono_literals;

sched::Task<> task();

sched::Task<> awaits_value() {
  co_await sched::when_all(3, task());  // when_all: what is awaited must be a Task or an operation
}
sched::Task<> awaits_callable() {
  co_await sched::when_any([] { return task(); });  // must be a Task or an operation
}
sched::Task<> awaits_callable_for_a_time() {
  co_await sched::with_timeout(1s, task);  // must be a Task or an operation
}
sched::Task<> awaits_callable_until() {
  co_await sched::with_deadline(sched::never, task);  // must be a Task or an operation
}
sched::Task<> awaits_object(sched::Event& event, sched::Channel<int>& channel) {
  co_await sched::with_timeout(1s, channel);  // must be a Task or an operation
  co_await sched::when_any(event, task());    // must be a Task or an operation
  co_await sched::when_any(channel, event);   // must be a Task or an operation
}
sched::Task<> cleans_up() {
  auto cleanup = [] { return 3; };
  co_await sched::finally(task(), cleanup, 1s);  // finally: the clean-up must return a Task
}
