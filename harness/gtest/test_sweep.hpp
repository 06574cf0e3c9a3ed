// The runs of the seeds of a simulation test, up to its first failure.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

#include "harness/sweep/finding.hpp"
#include "harness/sweep/sweep_worker.hpp"
#include "sched/base/time.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::harness {

struct TestSweep {
  TestSweep() = default;

  WorkPlan work;  // its flags are set: all of them
  std::uint64_t jobs = 1;
  sched::Duration budget{};  // real time after which no run starts; 0 means no limit
  // Called from time to time with the smallest seed that is running.
  std::function<void(std::uint64_t seed)> on_wait;
};

struct SweptTest {
  bool first_differs = false;      // the first seed, repeated, has another result
  std::optional<Finding> finding;  // the failure of the smallest seed that fails
  bool leaked = false;             // LeakSanitizer found lost memory
  simnet::Tally tally;             // of the seeds that were run, the first ones, if none failed
};

// Runs the seeds in worker processes. The result does not depend on their number.
[[nodiscard]] SweptTest sweep_test(const simnet::Scenario& scenario, TestSweep sweep);
// Runs the seeds in this process, one after the other, for a debugger.
[[nodiscard]] SweptTest sweep_here(const simnet::Scenario& scenario, const TestSweep& sweep);

}  // namespace rehearsal::harness
