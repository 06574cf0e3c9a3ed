// The page of a run that passes.
#pragma once

#include <string>

#include "harness/report/page/run_data.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Replays the schedule in a child, and returns the data of its page. `outcome` is one line.
// REQUIRES: the run does not crash.
[[nodiscard]] std::string replayed_data(const simnet::Scenario& scenario,
                                        const simnet::Schedule& schedule,
                                        const std::string& outcome, const PageOptions& options);
// Returns the options of a page of a schedule, with the commands that replay it.
[[nodiscard]] PageOptions page_options(const std::string& program,
                                       const simnet::Schedule& schedule);

}  // namespace rehearsal::harness
