// Two runs of one seed, or of one schedule, that should be the same and are not.
#pragma once

#include <functional>
#include <string>

#include "harness/gtest/test_run.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

struct DifferingRuns {
  TestRun first;
  TestRun second;
  std::string difference;  // two lines, the first event that differs in each; empty if unknown

  [[nodiscard]] bool differ() const;
};

// Does a run in a new process, and again in another one, which first calls `before`. Both have a
// trace. Of a run that crashes only this is known; its digest is 0.
[[nodiscard]] DifferingRuns compare_runs(
    const simnet::Scenario& scenario, const StartsRun& start,
    const std::function<void(const simnet::Scenario& watched)>& before);

// The same, with the run itself as `before`.
[[nodiscard]] DifferingRuns compare_after_itself(const simnet::Scenario& scenario,
                                                 const StartsRun& start);

// Returns how two runs differ: their ends, the first event that differs, and what failed. `what`
// names them, as in "seed 7"; the caller appends the command that repeats them.
[[nodiscard]] std::string differing_runs_text(const std::string& test, const std::string& what,
                                              const DifferingRuns& runs);

}  // namespace rehearsal::harness
