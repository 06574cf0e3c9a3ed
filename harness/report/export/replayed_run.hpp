// The files of a run that passes.
#pragma once

#include <string>
#include <vector>

#include "harness/report/export/run_files.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Replays the schedule in a child, and returns the contents of the wanted files. `outcome` is one
// line. REQUIRES: the run does not crash.
[[nodiscard]] std::vector<std::string> replayed_contents(const simnet::Scenario& scenario,
                                                         const simnet::Schedule& schedule,
                                                         const std::string& outcome,
                                                         const RunFiles& files,
                                                         const PageOptions& options);
// Returns the options of a page of a schedule, with the commands that replay it.
[[nodiscard]] PageOptions page_options(const std::string& program,
                                       const simnet::Schedule& schedule);

}  // namespace rehearsal::harness
