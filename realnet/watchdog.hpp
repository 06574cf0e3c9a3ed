// Watchdog: an observer that reports tasks which run for too long without waiting.
#pragma once

#include <functional>
#include <source_location>
#include <string>

#include "sched/base/time.hpp"
#include "sched/core/observer.hpp"

namespace rehearsal::realnet {

/// One resumption that took too long.
struct Stall {
  std::string path;  ///< the path of the task
  /// How long the task ran, during which no other task was resumed.
  sched::Duration held{};
  /// The co_await at which it was resumed; line 0 if it was its first resumption.
  std::source_location from;
  /// The co_await at which it suspended next; line 0 if it ended.
  std::source_location to;

  /// Returns "server/sessions/3 held the loop for 132.4 ms, from echo.cpp:31 to echo.cpp:35".
  [[nodiscard]] std::string to_string() const;
};

/// Reports each task that ran for longer than a limit without waiting, so that no other task was
/// resumed, and between which lines. The report comes when the task waits or ends. Use:
/// `scheduler.observe(watchdog)`; it must outlive the scheduler, or be removed with forget().
///
/// It reads the clock twice per resumption, which costs about 50 ns. The time is that of
/// CLOCK_MONOTONIC, so it includes time in which the process did not run.
class Watchdog final : public sched::Observer {
 public:
  /// Receives each report, between resumptions. It must not throw, spawn or cancel.
  using Report = std::function<void(const Stall&)>;

  /// Prints a report as one line to stderr.
  static void print(const Stall& stall);

  /// Creates a watchdog that calls `report` for each resumption longer than `limit`.
  explicit Watchdog(sched::Duration limit, Report report = print);

  void resumed(const sched::TaskRecord& task) override;
  void waits(const sched::TaskRecord& task) override;
  void done(const sched::TaskRecord& task, const std::exception_ptr& failure) override;

 private:
  void let_go(const sched::TaskRecord& task, std::source_location to);

  sched::Duration limit_;
  Report report_;
  const sched::TaskRecord* running_ = nullptr;  // null if no task is being timed
  sched::Instant since_{};
  std::source_location from_{};
};

}  // namespace rehearsal::realnet
