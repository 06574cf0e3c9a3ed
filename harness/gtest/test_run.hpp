// One run of a simulation test, with the results of its expectations.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/process/wire.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

struct TestRun {
  simnet::Schedule schedule;  // its deviations are those of the outcome
  simnet::Outcome outcome;    // without a digest if the run crashed
  std::vector<Expectation> failed;
  std::string skipped;  // the message of GTEST_SKIP(), or empty
  // What failed, or what a run that passed has not come to: whole lines with their newlines.
  std::string what;
  std::string errors;  // what the run wrote on stderr, the last 8192 bytes, if it had a process
};

// Starts a run of the scenario that it receives, with these watchers.
using StartsRun = std::function<simnet::RunResult(const simnet::Scenario&, simnet::RunWatchers)>;

// Runs it in a child, so that a crash is a failure of the run. If a debugger traces this process,
// runs it here, so that the debugger stops at what it does. `data_seed` is that of the schedule if
// the process of the run ends before the run begins.
[[nodiscard]] TestRun run_test(const simnet::Scenario& scenario, std::uint64_t data_seed,
                               const StartsRun& start);

class Capture;
// Returns what is known of a run that has ended in this process. `capture` watched it.
[[nodiscard]] TestRun finished(const Capture& capture, const simnet::RunResult& result);

// Returns whether a debugger traces this process (TracerPid in proc_pid_status(5)).
[[nodiscard]] bool is_debugged();

}  // namespace rehearsal::harness
