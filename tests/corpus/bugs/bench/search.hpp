// How many runs a policy needs to find a bug, and what remains of the failure after shrinking.
#pragma once

#include <cstdint>
#include <optional>

#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::bugs {

// The runs of one search: the seeds 2^20 * `set` + 1, 2, 3, ..., so that blocks of
// simnet::SeedRuns begin with it.
struct SeedSet {
  std::uint64_t set = 0;
  std::uint64_t most_runs = 2'000;

  [[nodiscard]] std::uint64_t seed(std::uint64_t run) const { return (set << 20U) + run; }
};

struct Finding {
  std::uint64_t runs = 0;          // until the first failure, inclusive
  std::uint64_t microseconds = 0;  // of this thread's processor time
  simnet::Failure failure;
  simnet::Schedule schedule;
};

// Returns the first run that fails, or nothing if all runs of the set pass.
[[nodiscard]] std::optional<Finding> find(const simnet::Scenario& scenario,
                                          const simnet::NamedPolicy& policy, const SeedSet& seeds);
// Returns the shrunk failure. `scenario` must be the one in which it was found.
[[nodiscard]] simnet::Shrunk shrunk_finding(const Finding& finding,
                                            const simnet::Scenario& scenario);

}  // namespace rehearsal::bugs
