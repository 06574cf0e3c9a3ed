// A sweep runs a scenario under many seeds in child processes, so that a crash of a run is a
// failure like others.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/sweep/shard.hpp"
#include "harness/sweep/sweep_report.hpp"
#include "sched/base/time.hpp"

namespace rehearsal::harness {

struct SweepOptions {
  SweepOptions() = default;

  SweepPlan plan;
  std::uint64_t jobs = 1;                 // number of processes
  std::optional<Shard> shard;             // runs this part of the seeds; does not check faults
  std::string results_file;               // the file for the results, or empty for none
  std::optional<sched::Duration> budget;  // real time after which no run starts; or no limit
};

// Prints a line for each failure as soon as all smaller seeds are done, then an explanation of the
// first one, and a summary. Shows the progress on stderr. Returns the exit status: 0, that of the
// first failure, 1 if a configured fault never fired, or 130 if SIGINT or SIGTERM ended it early.
// Throws BadInput if the results file cannot be written.
int sweep(const simnet::Scenario& scenario, const SweepOptions& options);

}  // namespace rehearsal::harness
