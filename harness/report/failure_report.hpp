// What becomes of a failing run: its schedule is shrunk, and what is left is explained.
#pragma once

#include <cstdint>
#include <string>

#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

struct FailureReportOptions {
  FailureReportOptions() = default;

  std::string program;  // as it stands in the commands that are printed
  bool shrinks = true;
  bool timed = true;  // says how long that took
  simnet::ShrinkBound bound;
};

// How a run was when it failed.
struct FoundFailure {
  simnet::Schedule schedule;
  simnet::Failure failure;
  std::uint64_t digest = 0;  // 0: not known, as it crashed
};

// Prints it. Gives the exit status that the failure has, or `nondeterministic` where the schedule,
// replayed, gives another run.
int report_failure(const simnet::Scenario& scenario, const FoundFailure& found,
                   const FailureReportOptions& options);

}  // namespace rehearsal::harness
