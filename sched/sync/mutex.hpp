// Mutex: a lock for tasks. Only a task that awaits while it holds the lock needs one: between two
// co_await no other task runs.
#pragma once

#include "sched/sync/semaphore.hpp"

namespace rehearsal::sched {

/// A lock for tasks, granted first come, first served. Only a task that awaits while it holds the
/// lock needs one: between two co_await no other task runs. No task may wait for a mutex when it
/// is destroyed.
class Mutex {
 public:
  /// Holds the lock until it is destroyed or released.
  using Lock = Semaphore::Permit;

  /// Waits for the lock: `Mutex::Lock lock = co_await mutex.lock()`. If cancelled, the lock goes to
  /// the next task.
  [[nodiscard]] Semaphore::Acquire lock() { return semaphore_.acquire(); }
  /// Returns the lock if it is free, or else a Lock that is not held().
  [[nodiscard]] Lock try_lock() { return semaphore_.try_acquire(); }
  /// Returns true if a task holds the lock.
  [[nodiscard]] bool is_locked() const { return semaphore_.free() == 0; }

 private:
  Semaphore semaphore_{1, "mutex"};
};

}  // namespace rehearsal::sched
