// SeedRuns: the runs of a policy by their seeds, as a sweep and a test do them.
//
// A run of the mix may be guided by earlier runs: half of the runs begin as an earlier run that
// reached a milestone (milestones.hpp), and make other choices from that step on. So a failure that
// needs several coincidences is approached one by one (coverage-guided search as in AFL; the
// milestones are annotations as in Aschermann, Schumilo, Abbasi, Holz: IJON, S&P 2020). Pairs of
// task and line that ran in a new order were tried as milestones too, and made bugs harder to find.
//
// The run of a seed is the same in every sweep: it depends only on the earlier seeds of its block
// of 128 seeds. Blocks begin at 1, 129, 257, ...; seed 0 is a block of its own. Sweeps distribute
// whole blocks.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

class SeedRuns {
 public:
  static constexpr std::uint64_t block = 128;

  // Returns the place of a seed in its block, from 0.
  [[nodiscard]] static std::uint64_t place_in_block(std::uint64_t seed) {
    return (seed + block - 1) % block;
  }

  // `scenario` must outlive this object.
  SeedRuns(const Scenario& scenario, const NamedPolicy& policy)
      : scenario_(scenario), policy_(policy) {}

  // Runs the default run of the scenario once, if the policy needs its shape.
  void look_at_default_run();
  // Returns whether runs depend on earlier ones: the policy is the mix, and the default run names a
  // milestone, reached or not.
  [[nodiscard]] bool guided();
  // Returns a seed that must be run before `seed`, if any. Several may be needed, one after the
  // other.
  [[nodiscard]] std::optional<std::uint64_t> needed_before(std::uint64_t seed);
  // Excludes the run of this seed, which crashes the process. No other run then depends on it.
  void leave_out(std::uint64_t seed) { left_out_.insert(seed); }

  // Runs a seed. REQUIRES: no seed is needed before it, or it was the last one that was run.
  RunResult run(std::uint64_t seed, RunWatchers watchers = {});

  // Returns whether the last run began as an earlier one.
  [[nodiscard]] bool branched() const { return last_begin_.has_value(); }

 private:
  // A run to begin with, up to a step.
  struct Branch {
    Schedule schedule;
    std::uint64_t step = 0;  // the last one that is repeated
  };
  using What = std::pair<std::string, std::uint64_t>;  // the name and the value of a milestone
  struct Known {
    std::uint64_t runs = 0;  // number of runs that reached it
    std::optional<Branch> branch;
  };

  // Returns the first seed of the block of `seed`.
  [[nodiscard]] static std::uint64_t first_of_block(std::uint64_t seed) {
    return seed == 0 ? 0 : seed - place_in_block(seed);
  }
  void enter_block_of(std::uint64_t seed);
  [[nodiscard]] std::optional<Branch> plan(std::uint64_t seed) const;
  RunResult follow(std::uint64_t seed, const std::optional<Branch>& begin, RunWatchers watchers);
  void learn(std::uint64_t seed, const RunResult& run);

  const Scenario& scenario_;
  NamedPolicy policy_;
  std::optional<RunShape> shape_;
  std::set<std::uint64_t> left_out_;
  // State of the present block.
  std::optional<std::uint64_t> next_;  // the first seed that was not run; nothing: no block
  std::map<What, Known> known_;
  std::vector<What> order_;  // those with a branch, in the order in which they were found
  // The last run.
  std::optional<std::uint64_t> last_;
  std::optional<Branch> last_begin_;
};

}  // namespace rehearsal::simnet
