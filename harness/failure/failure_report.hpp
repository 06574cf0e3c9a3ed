// The report of a failing run: its schedule is shrunk, and the result is explained.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/report/export/run_files.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

struct FailureReportOptions {
  FailureReportOptions() = default;

  std::string program;  // the path of the program in the commands that are printed
  bool shrinks = true;  // shrinks the schedule first
  bool timed = true;    // prints how long shrinking took
  RunFiles files;       // the files that show the failure
  std::string sweep;    // PageOptions::sweep
  simnet::ShrinkBound bound;
};

// The schedule of a run, and its failure.
struct FoundFailure {
  simnet::Schedule schedule;
  simnet::Failure failure;
  std::uint64_t digest = 0;  // 0 if it is unknown because the run crashed
  // The run of a seed that had this failure, or nothing if no seed is known.
  std::optional<simnet::SeededRun> seeded = std::nullopt;
};

// Prints the report on stdout. Returns the exit status of the failure, or `nondeterministic` if
// replaying the schedule has another result.
int report_failure(const simnet::Scenario& scenario, const FoundFailure& found,
                   const FailureReportOptions& options);

}  // namespace rehearsal::harness
