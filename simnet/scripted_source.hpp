// The smallest source: a literal list of what each wait returns. Tests of the scheduler are written
// with it, where every step must be in sight.
#pragma once

#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "sched/seam/source.hpp"

namespace rehearsal::simnet {

// What one wait returns, and how long it takes.
struct ScriptedWait {
  std::vector<sched::Ready> ready;
  sched::Duration takes{};
};

class ScriptedSource {
 public:
  ScriptedSource() = default;
  // The waits in turn; when they are used up, a wait lasts until its deadline, and one without a
  // deadline is quiescent. `delays` holds back the tasks that become ready, in turn; when used up,
  // none is held back.
  explicit ScriptedSource(std::vector<ScriptedWait> waits, std::vector<std::uint32_t> delays = {})
      : waits_(std::move(waits)), delays_(std::move(delays)) {}

  // The seam.
  [[nodiscard]] sched::Instant now() const { return now_; }
  sched::Result<> watch(sched::Descriptor descriptor, sched::Direction way);
  void unwatch(sched::Descriptor descriptor, sched::Direction way);
  sched::Wake wait(sched::Deadline until, sched::ReadyList& ready);
  std::uint32_t delay(const sched::TaskRecord& task);

  // How many waits were asked for, and how many of the script are left.
  [[nodiscard]] std::size_t waits_done() const { return waits_done_; }
  [[nodiscard]] std::size_t waits_left() const { return waits_.size() - next_wait_; }
  // What is watched now, in order of (descriptor, direction).
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
