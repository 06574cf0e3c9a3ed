// Mutex: one permit. Only a task that waits while it holds the lock needs one: between two co_await
// nothing else runs.
#pragma once

#include "sched/sync/semaphore.hpp"

namespace rehearsal::sched {

class Mutex {
 public:
  // Holds the lock until it is destroyed or released.
  using Lock = Semaphore::Permit;

  // auto lock = co_await mutex.lock();
  [[nodiscard]] Semaphore::Acquire lock() { return semaphore_.acquire(); }
  [[nodiscard]] Lock try_lock() { return semaphore_.try_acquire(); }
  [[nodiscard]] bool is_locked() const { return semaphore_.free() == 0; }

 private:
  Semaphore semaphore_{1, "mutex"};
};

}  // namespace rehearsal::sched
