// Five callbacks through which a program watches its scheduler: statistics, logs, traces, a
// watchdog.
#pragma once

#include <cstddef>
#include <exception>

#include "sched/seam/source.hpp"

namespace rehearsal::sched {

class TaskRecord;

// Called from the scheduler's loop; an observer must not throw, spawn or cancel.
class Observer {
 public:
  Observer() = default;
  Observer(const Observer&) = delete;
  Observer& operator=(const Observer&) = delete;
  virtual ~Observer() = default;

  virtual void spawned(const TaskRecord& /*task*/) {}
  // The task is about to go on. Each is followed by exactly one `waits` or `done` of the same task.
  virtual void resumed(const TaskRecord& /*task*/) {}
  // The task has suspended: it waits, or it has yielded and is ready again.
  virtual void waits(const TaskRecord& /*task*/) {}
  // The task has ended: it returned (`failure` is null), threw, or was cancelled.
  virtual void done(const TaskRecord& /*task*/, const std::exception_ptr& /*failure*/) {}
  // The source was asked, and this many sockets were ready.
  virtual void polled(Wake /*wake*/, std::size_t /*ready*/) {}
};

}  // namespace rehearsal::sched
