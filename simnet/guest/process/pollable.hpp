// Pollable: something that a program can wait for, such as an open file. Thread: who waits.
#pragma once

#include <cstdint>
#include <exception>
#include <memory>
#include <string>
#include <vector>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

class Thread;
struct EpollItem;

// A set of EPOLLIN, EPOLLOUT, EPOLLPRI, EPOLLRDHUP, EPOLLHUP and EPOLLERR. Those of poll(2) have
// the same values.
using Events = std::uint32_t;
// Of a change: any event may have changed.
inline constexpr Events any_event = 0;

class Pollable {
 public:
  Pollable(const Pollable&) = delete;
  Pollable& operator=(const Pollable&) = delete;
  virtual ~Pollable();

  // Returns the events that hold now.
  [[nodiscard]] virtual Events events() = 0;
  // Called when the program has seen events(): removes those that only a choice made.
  virtual void shown() {}
  // Returns how often this has changed.
  [[nodiscard]] std::uint64_t changes() const { return changes_; }
  // Called when a thread or an epoll instance begins to wait for some of `events`.
  virtual void watched(Events /*events*/) {}

 protected:
  Pollable() = default;
  // Wakes the threads that wait for this, and tells the epoll instances that watch it.
  void changed(Events what);

 private:
  friend class Epoll;
  friend class Thread;

  std::vector<Thread*> waiting_;   // in the order in which they began
  std::vector<EpollItem*> items_;  // of epoll instances
  std::uint64_t changes_ = 0;
};

// A thread of a program. It waits for pollables and for time.
class Thread {
 public:
  // Why a wait ended.
  enum class End : std::uint8_t { woken, timed_out, interrupted };

  Thread(const Thread&) = delete;
  Thread& operator=(const Thread&) = delete;
  virtual ~Thread();

  // Blocks this thread, which runs, until one of `pollables` has changed or `until` is reached.
  // A change is a hint: the caller looks again. `call` is for reports: "recv on 603". The thread
  // keeps the pollables meanwhile, because its stack may be dropped.
  End wait(std::vector<std::shared_ptr<Pollable>> pollables, sched::Instant until,
           std::string call);
  // Ends the program. Its task throws `failure`, unless that is null.
  [[noreturn]] virtual void exit(std::exception_ptr failure) = 0;
  // Stops for good, because the process has ended.
  [[noreturn]] virtual void stop() = 0;

 protected:
  Thread() = default;
  // Suspends this thread until end_wait(). Sets a timer for `until`.
  virtual void suspend(sched::Instant until) = 0;
  // Makes the suspended thread run again.
  virtual void resume_later() = 0;
  void end_wait(End how);
  // Leaves the lists of what this thread waits for.
  void stop_waiting();
  // Returns what the thread waits for.
  [[nodiscard]] const std::string& call() const { return call_; }

 private:
  friend class Pollable;

  std::vector<std::shared_ptr<Pollable>> waits_for_;
  std::string call_;
  End end_ = End::woken;
  bool waits_ = false;
};

}  // namespace rehearsal::simnet
