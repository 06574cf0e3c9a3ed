// Callbacks through which a program watches its scheduler: statistics, logs, traces, a watchdog.
#pragma once

#include <cstddef>
#include <exception>

#include "sched/seam/source.hpp"

namespace rehearsal::sched {

class TaskRecord;

/// Receives the scheduler's events; see Executor::observe. Its functions are called from the
/// scheduler's loop and must not throw, spawn or cancel. Each does nothing by default.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  /// Reports that `task` was created and is ready.
  virtual void spawned(const TaskRecord& /*task*/) {}
  /// Reports that `task` is about to be resumed. Exactly one waits() or done() of the same
  /// task follows.
  virtual void resumed(const TaskRecord& /*task*/) {}
  /// Reports that `task` has suspended: it waits, or it has yielded and is ready again.
  virtual void waits(const TaskRecord& /*task*/) {}
  /// Reports that `task` has ended: it returned or was cancelled (`failure` is null), or
  /// threw `failure`.
  virtual void done(const TaskRecord& /*task*/, const std::exception_ptr& /*failure*/) {}
  /// Reports a poll of the source: why it ended, and how many sockets were ready.
  virtual void polled(Wake /*wake*/, std::size_t /*ready*/) {}
};

}  // namespace rehearsal::sched
