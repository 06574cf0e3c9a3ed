// ScriptedSource: the smallest source, a literal list of what each wait returns. It is for tests of
// the scheduler in which every step is visible.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "sched/seam/source.hpp"

namespace rehearsal::simnet {

/// What one wait returns, and how long it takes.
struct ScriptedWait {
  /// The descriptors that the wait reports.
  std::vector<sched::Ready> ready;
  /// Virtual time that the wait takes.
  sched::Duration takes{};
};

/// A sched::Source that does what a list says. Pass it to a sched::Scheduler.
class ScriptedSource {
 public:
  /// Creates a source with an empty list.
  ScriptedSource() = default;
  /// Creates a source from the list of its waits. When the list is used up, a wait lasts until its
  /// deadline, and a wait without a deadline returns quiescent. `delays` says, for each task that
  /// becomes ready, how many later tasks run before it; when it is used up, the delay is 0.
  explicit ScriptedSource(std::vector<ScriptedWait> waits, std::vector<std::uint32_t> delays = {})
      : waits_(std::move(waits)), delays_(std::move(delays)) {}

  /// Returns the present time, which only the waits advance.
  [[nodiscard]] sched::Instant now() const { return now_; }
  /// Watches a descriptor in one direction. Fails a CHECK if it is watched already.
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way);
  /// Stops watching. Fails a CHECK if it is not watched.
  void unwatch(sched::Descriptor descriptor, sched::Direction way);
  /// Performs the next wait of the list.
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);
  /// Returns the next delay of the list.
  std::uint32_t delay(const sched::TaskRecord& task);

  /// Returns the number of waits until now, including those after the end of the list.
  [[nodiscard]] std::size_t waits_done() const { return waits_done_; }
  /// Returns the number of waits left in the list.
  [[nodiscard]] std::size_t waits_left() const { return waits_.size() - next_wait_; }
  /// Returns what is watched now, in order of (descriptor, direction).
  [[nodiscard]] std::vector<std::pair<sched::Descriptor, sched::Direction>> watched() const;

 private:
  std::vector<ScriptedWait> waits_;
  std::vector<std::uint32_t> delays_;
  std::size_t next_wait_ = 0;
  std::size_t next_delay_ = 0;
  std::size_t waits_done_ = 0;
  sched::Instant now_{};
  std::set<std::pair<sched::Descriptor, sched::Direction>> watched_;
};

}  // namespace rehearsal::simnet
