// What replays show about a failing schedule: its events and the state at its end, the default run,
// what each deviation does, and the point of no return. Views of it are the text of a report and
// its page.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/report/effect.hpp"
#include "harness/report/run_without.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/point_of_no_return.hpp"
#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

struct AnalysedDeviation {
  simnet::AppliedDeviation applied;
  bool parameter = false;  // the value of a parameter of the scenario
  Effect effect;
  RunWithout without;
};

struct Analysis {
  const simnet::Scenario* scenario = nullptr;
  const simnet::Schedule* schedule = nullptr;
  const simnet::Failure* failure = nullptr;
  // The description of a run that is too long to be analysed; then the rest is empty. Or empty.
  std::string too_long;
  std::uint64_t steps = 0;  // of the failing run
  simnet::Diagnostics evidence;
  std::string log;  // of the program
  std::vector<AnalysedDeviation> deviations;
  simnet::PointOfNoReturn point;
  // The default run: the same world without other deviations. False if it is the failing run.
  bool has_default_run = false;
  std::string default_crash;  // how the default run crashes, or empty
  // Null if it crashes or is the failing run.
  const simnet::History* default_history = nullptr;
  std::string default_outcome;                // "passes", or its failure in one line
  std::optional<FirstDifference> difference;  // from the default run

  // Returns whether there is another run to compare with.
  [[nodiscard]] bool compares() const { return default_history != nullptr; }
};

// Replays the schedule several times, and returns the texts that `view` makes of what was found. A
// run that crashes is replayed in a child, where `view` is then called. The continuations, which
// find the point of no return within `bound`, run in a child, since they may crash. Returns nothing
// if the run crashed before its first event. REQUIRES: the schedule, replayed, fails with
// `failure`.
[[nodiscard]] std::vector<std::string> analyse(
    const simnet::Scenario& scenario, const simnet::Schedule& schedule,
    const simnet::Failure& failure, const simnet::ContinuationBound& bound,
    const std::function<std::vector<std::string>(const Analysis&)>& view);

}  // namespace rehearsal::harness
