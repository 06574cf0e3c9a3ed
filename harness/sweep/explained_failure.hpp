// A failing schedule explained: as text, and as the data of a page.
#pragma once

#include <optional>
#include <string>

#include "harness/report/explanation.hpp"
#include "harness/report/page/run_data.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/point_of_no_return.hpp"

namespace rehearsal::harness {

struct ExplainedFailure {
  std::string text;  // several lines with their newlines
  std::string page;  // JSON of page_format.md; empty if no page was asked for
};

struct ExplainedFailureOptions {
  ExplainedFailureOptions() = default;

  ExplainOptions text;
  std::string again;  // commands that reproduce the failure; whole lines with their newlines
  simnet::ContinuationBound continuations;  // to find the point of no return; no runs: skip it
  std::optional<PageOptions> page;          // nothing: no page
};

// Explains the failure by several replays (analysis.hpp). REQUIRES: the schedule, replayed, fails
// with `failure`.
[[nodiscard]] ExplainedFailure explain(const simnet::Scenario& scenario,
                                       const simnet::Schedule& schedule,
                                       const simnet::Failure& failure,
                                       const ExplainedFailureOptions& options);

}  // namespace rehearsal::harness
