// One run that a person looks at: under a seed, or replayed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "harness/report/failure_report.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

struct SingleRunOptions {
  SingleRunOptions() = default;

  FailureReportOptions report;
  std::string trace_file;   // where the trace is written; empty: nowhere
  std::uint64_t until = 0;  // the run ends once this event has happened, from 1; 0: by itself
  std::optional<std::uint64_t> digest;  // the digest that a replay should come to
  // It runs in a child, and what fails is explained. Without, it runs in this process, as a
  // debugger wants it, and a crash ends that.
  bool isolated = true;
  std::uint64_t reach = 0;  // rehearsal_reached() is called as this step begins, from 1; 0: never
};

// Each prints what came of it and gives the exit status: 0, that of its failure,
// `nondeterministic` where it did not come to the digest that it should, or `bad_input` where its
// trace could not be written.
int run_once(const simnet::Scenario& scenario, const simnet::SeededRun& how,
             const SingleRunOptions& options);
int replay_once(const simnet::Scenario& scenario, const simnet::Schedule& schedule,
                const SingleRunOptions& options);

}  // namespace rehearsal::harness
