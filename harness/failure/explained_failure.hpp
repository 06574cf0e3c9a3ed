// A failing schedule explained: as text, and in files that show it.
#pragma once

#include <string>
#include <vector>

#include "harness/report/explanation.hpp"
#include "harness/report/export/run_files.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/point_of_no_return.hpp"

namespace rehearsal::harness {

struct ExplainedFailure {
  std::string text;                   // several lines with their newlines
  std::vector<std::string> contents;  // of the wanted files, in the order of RunFiles
};

struct ExplainedFailureOptions {
  ExplainedFailureOptions() = default;

  ExplainOptions text;
  std::string again;  // commands that reproduce the failure; whole lines with their newlines
  simnet::ContinuationBound continuations;  // to find the point of no return; no runs: skip it
  RunFiles files;
  PageOptions page;
};

// Explains the failure by several replays (analysis.hpp). REQUIRES: the schedule, replayed, fails
// with `failure`.
[[nodiscard]] ExplainedFailure explain(const simnet::Scenario& scenario,
                                       const simnet::Schedule& schedule,
                                       const simnet::Failure& failure,
                                       const ExplainedFailureOptions& options);

}  // namespace rehearsal::harness
