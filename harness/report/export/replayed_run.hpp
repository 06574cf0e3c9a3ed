// The files of a run that passes.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/report/export/run_files.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Replays the schedule in a child, and returns the contents of the wanted files, or nothing if the
// run crashes. `outcome` is one line.
[[nodiscard]] std::vector<std::string> replayed_contents(const simnet::Scenario& scenario,
                                                         const simnet::Schedule& schedule,
                                                         const std::string& outcome,
                                                         const RunFiles& files,
                                                         const PageOptions& options);
// Shows the default run in the wanted files, in place of a failure that was not found. `sweep` is
// PageOptions::sweep. Returns the exit status of write_files().
int write_default_run(const simnet::Scenario& scenario, std::uint64_t data_seed,
                      const std::string& outcome, const std::string& program, const RunFiles& files,
                      const std::string& sweep, int status);
// Returns the options of a page of a schedule, with the commands that replay it.
[[nodiscard]] PageOptions page_options(const std::string& program,
                                       const simnet::Schedule& schedule);

}  // namespace rehearsal::harness
