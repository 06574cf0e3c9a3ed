// PCT: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized
// scheduler with probabilistic guarantees of finding bugs, ASPLOS 2010).
//
// Each task has a random priority, and the ready task with the highest priority runs. At depth - 1
// steps of the run, drawn beforehand, the task that becomes ready falls below all others. With n
// tasks and k steps it finds a bug that needs `depth` ordered steps with a probability of at least
// 1 / (n k^(depth-1)). Here a priority is a delay in the ready queue, so a task is passed over for
// a bounded time only. A task that spins until another one runs does not spin forever.
//
// The order of packets between hosts is randomized in the same way (Ozkan, Majumdar, Niksic,
// Befrouei, Weissenbacher: Randomized testing of distributed systems with probabilistic
// guarantees, OOPSLA 2018): each direction of a connection has a delay, and depth - 1 segments of
// the run are delayed.
#pragma once

#include <cstdint>
#include <vector>

#include "simnet/choices/named_policy.hpp"

namespace rehearsal::simnet {

class Pct final : public PolicyAlgorithm {
 public:
  // Creates the algorithm of one run. `shape` is the shape of the default run; this run is assumed
  // to have the same length. REQUIRES: depth >= 1.
  Pct(std::uint64_t seed, std::uint32_t depth, const RunShape& shape);

  [[nodiscard]] bool decides(Site site) const override {
    return site == Site::run || site == Site::late || site == Site::tie;
  }
  std::uint32_t choose(const Question& question) override;

 private:
  // The steps at which a priority changes, sorted, and the index of the next one.
  struct Changes {
    [[nodiscard]] bool due(std::uint64_t step) {
      if (next == at.size() || at[next] != step) {
        return false;
      }
      ++next;
      return true;
    }
    std::vector<std::uint64_t> at;
    std::size_t next = 0;
  };

  [[nodiscard]] Changes draw_changes(std::uint32_t depth, std::uint64_t steps,
                                     std::uint64_t salt) const;
  std::uint32_t priority(const Question& question);
  std::uint32_t lateness(const Question& question);

  std::uint64_t seed_;
  std::uint32_t lowest_;  // the delay of the lowest priority that is drawn
  Changes falls_;
  Changes lates_;
  std::uint64_t runs_ = 0;
  std::uint64_t sends_ = 0;
  std::vector<std::uint64_t> fallen_;  // tasks, the lowest last
};

}  // namespace rehearsal::simnet
