// One run of a rehearsed test, with what its expectations said.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "harness/gtest/capture.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

struct CapturedRun {
  simnet::RunResult result;
  std::optional<simnet::Failure> failure;  // of the world, or an expectation after its end
  std::vector<Expectation> failed;
  std::string skipped;

  [[nodiscard]] simnet::Outcome outcome() const {
    return {failure, result.schedule.deviations, result.report.steps};
  }
};

// Calls `run` with a watcher for it, under a capture. `records`: whether its deviations are kept.
[[nodiscard]] CapturedRun captured(const std::function<simnet::RunResult(simnet::RunWatchers)>& run,
                                   bool records = true);

}  // namespace rehearsal::harness
