// The explanation of a failing schedule: the failure, its cause, the point of no return, the first
// difference from the default run, the faults, the events that matter, the state at the end, and
// how to reproduce it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "simnet/scenario.hpp"
#include "simnet/search/point_of_no_return.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

struct ExplainOptions {
  ExplainOptions() = default;

  // A longer description of the failure, or empty; and the commands that reproduce it. Each is
  // whole lines with their newlines.
  std::string what;
  std::string again;
  std::size_t width = 0;  // width of the terminal in characters; 0 if there is no terminal
  bool bold = false;      // prints headings in bold
  simnet::ContinuationBound continuations;  // to find the point of no return; no runs: skip it
};

// Returns the explanation, several lines with their newlines. Replays the schedule several times:
// in a child if `failure` is a crash, otherwise in this process. The continuations run in a child,
// since they may crash. REQUIRES: the schedule, replayed, fails with `failure`.
[[nodiscard]] std::string explain(const simnet::Scenario& scenario,
                                  const simnet::Schedule& schedule, const simnet::Failure& failure,
                                  const ExplainOptions& options);

// Returns options with the width of stdout's terminal, if it is one, and with bold headings unless
// NO_COLOR is set.
[[nodiscard]] ExplainOptions for_stdout();

}  // namespace rehearsal::harness
