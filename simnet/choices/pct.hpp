// PCT: probabilistic concurrency testing (Burckhardt, Kothari, Musuvathi, Nagarakatte: A randomized
// scheduler with probabilistic guarantees of finding bugs, ASPLOS 2010).
//
// Each task has a random priority, and of those that are ready the highest runs; at depth - 1 steps
// of the run, drawn beforehand, the task that has become ready falls below all others. Of n tasks
// and k steps it finds a bug that needs `depth` ordered steps with probability 1 / (n k^(depth-1))
// at least. Here a priority is a delay in the ready queue, so a task is passed over for a bounded
// time only: a task that spins until another has gone on does not spin for ever.
//
// The order of what hosts send each other is had the same way (Ozkan, Majumdar, Niksic, Befrouei,
// Weissenbacher: Randomized testing of distributed systems with probabilistic guarantees, OOPSLA
// 2018): a direction of a connection has a lateness, and depth - 1 segments of the run come late.
#pragma once

#include <cstdint>
#include <vector>

#include "simnet/choices/named_policy.hpp"

namespace rehearsal::simnet {

class Pct final : public PolicyAlgorithm {
 public:
  // `shape` is that of the nominal run, whose length is taken for this one's. REQUIRES: depth >= 1.
  Pct(std::uint64_t seed, std::uint32_t depth, const RunShape& shape);

  [[nodiscard]] bool decides(Site site) const override {
    return site == Site::run || site == Site::late || site == Site::tie;
  }
  std::uint32_t choose(const Question& question) override;

 private:
  // The steps at which a priority changes, in order, and the next one of them.
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
