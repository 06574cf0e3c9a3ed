// One run for a person to look at: of a seed, or the replay of a schedule.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/failure/failure_report.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

struct SingleRunOptions {
  SingleRunOptions() = default;

  FailureReportOptions report;
  std::string trace_file;               // the file for the trace, or empty for none
  std::uint64_t until = 0;              // ends the run after this event (1-based); 0 means no limit
  std::optional<std::uint64_t> digest;  // the expected digest of a replay
  std::optional<simnet::SeededRun> seeded;  // the run of a seed that is replayed, if it is known
  // Runs in a child, and explains a failure. If false, runs in this process, for a debugger: a
  // crash ends the process.
  bool isolated = true;
  // Calls rehearsal_reached() when this step (1-based) starts. 0 means never.
  std::uint64_t reach = 0;
};

// Does one run of a seed and prints its result. Returns the exit status: 0, that of its failure,
// `nondeterministic` if its digest is not the expected one, or `bad_input` if its trace cannot be
// written.
int run_once(const simnet::Scenario& scenario, const simnet::SeededRun& how,
             const SingleRunOptions& options);
// Replays a schedule and prints the result of the run. Returns the exit status: 0, that of its
// failure, `nondeterministic` if its digest is not the expected one, or `bad_input` if its trace
// cannot be written.
int replay_once(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                const SingleRunOptions& options);

}  // namespace rehearsal::harness
