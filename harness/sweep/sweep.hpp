// A sweep runs a scenario under many seeds, in processes of their own, so that a run that crashes
// is one more failure.
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
  std::uint64_t jobs = 1;                 // processes, at most `most_workers`
  std::optional<Shard> shard;             // runs only this part of the seeds, and does not judge
  std::string results_file;               // where what came of it is written; empty: nowhere
  std::optional<sched::Duration> budget;  // no run begins later than this; nothing: all seeds run
};

// Prints a line of each failure once all seeds before it have been run, an explanation of the first
// one, and a summary; on stderr how it goes. Gives the exit status: 0, that of the first failure, 1
// where something that was set up never came, 2 where the results cannot be written, 130 where
// SIGINT or SIGTERM has ended it early.
int sweep(const simnet::Scenario& scenario, const SweepOptions& options);

}  // namespace rehearsal::harness
