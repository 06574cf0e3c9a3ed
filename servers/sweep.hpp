// A sweep runs a scenario under many seeds, in processes of their own, so that a run that crashes
// is one more failure.
#pragma once

#include "servers/sweep_worker.hpp"

namespace rehearsal::servers {

inline constexpr int interrupted = 130;  // as a shell says it of SIGINT

// Prints each failure as it comes, with the command that replays it, and a summary. Gives the exit
// status: 0, 1 where a run failed or something that was set up never came, 130 where SIGINT or
// SIGTERM has ended it early.
int sweep(const simnet::Scenario& scenario, const SweepOptions& options);

}  // namespace rehearsal::servers
