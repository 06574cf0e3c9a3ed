// A watchdog: an observer that says which task held the loop for longer than a limit, so that
// nobody else was resumed meanwhile, and between which lines. It tells when the task has let go.
//
// It reads the clock twice a resumption, about 50 ns, so it is for those who ask for it. Time is
// that of CLOCK_MONOTONIC, time in which the process had no processor included.
#pragma once

#include <functional>
#include <source_location>
#include <string>

#include "sched/base/time.hpp"
#include "sched/core/observer.hpp"

namespace rehearsal::realnet {

// One resumption that took too long.
struct Stall {
  std::string path;  // of the task
  sched::Duration held{};
  // The co_await at which it was resumed; line 0 where it began.
  std::source_location from;
  // The co_await at which it suspended next; line 0 where it ended.
  std::source_location to;

  // "server/sessions/3 held the loop for 132.4 ms, from echo.cpp:31 to echo.cpp:35"
  [[nodiscard]] std::string to_string() const;
};

// scheduler.observe(watchdog); it must be forgotten, or outlive the scheduler.
class Watchdog final : public sched::Observer {
 public:
  // Called between resumptions; must not throw, spawn or cancel.
  using Report = std::function<void(const Stall&)>;

  // Prints one line to stderr.
  static void print(const Stall& stall);

  explicit Watchdog(sched::Duration limit, Report report = print);

  void resumed(const sched::TaskRecord& task) override;
  void waits(const sched::TaskRecord& task) override;
  void done(const sched::TaskRecord& task, const std::exception_ptr& failure) override;

 private:
  void let_go(const sched::TaskRecord& task, std::source_location to);

  sched::Duration limit_;
  Report report_;
  const sched::TaskRecord* running_ = nullptr;  // null: none, or it has let go
  sched::Instant since_{};
  std::source_location from_{};
};

}  // namespace rehearsal::realnet
