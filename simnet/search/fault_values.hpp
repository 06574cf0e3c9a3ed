// Faults, and the values of a fault that matter. A choice may have thousands of outcomes that
// differ only in size; these few are tried in place of them:
//
//   a delay                     the smallest value that moves what is late behind each later moment
//                               of its host: an event of the run, or the deadline of a timer
//   a partial receive or send   1 byte, half, all but one
//   a fault of a host, or a     the longest duration that the rate allows, 1 ms, and two between
//   stale address
//   any other                   each outcome that the rate allows
//
// No choice has more than `most_values`. FaultValues::left_out counts the others.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "simnet/choices/policy.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

// Records the moments of each host of a run: the times of its events, and the deadlines of its
// timers, also of those that never fire.
class Moments final : public RunWatcher {
 public:
  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;

  // Returns the moments of a host after `after` and until `until`, ascending, each once.
  [[nodiscard]] std::span<const sched::Instant> between(std::uint32_t host, sched::Instant after,
                                                        sched::Instant until) const;

 private:
  struct OfHost {
    std::vector<sched::Instant> moments;
    const SimulatedHost* host = nullptr;
    sched::Instant timer = sched::never;  // the last one that was recorded
  };

  void happens(World& world, std::uint32_t host, sched::Instant at);

  std::vector<OfHost> hosts_;
};

// Maximum number of values that are tried for one choice, other than errors and losses.
inline constexpr std::size_t most_values = 4;
// Maximum number of errors or losses that are tried for one choice.
inline constexpr std::uint32_t most_outcomes = 16;

struct FaultValues {
  std::vector<std::uint32_t> values;  // the one that is tried first comes first
  std::uint64_t left_out = 0;         // number of values that would matter as well
};

// Returns whether a deviation at this site is a fault. The order of tasks, of hosts and of reports
// is not a fault, nor is a choice of the program.
[[nodiscard]] bool is_fault(Site site);

// Returns the values, other than 0, that are tried for this choice. `moments` are those of a run
// that is the same up to this choice, or nearly. REQUIRES: is_fault(question.site).
[[nodiscard]] FaultValues fault_values(const Question& question, const Moments& moments);

}  // namespace rehearsal::simnet
