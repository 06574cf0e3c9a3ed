// The commands list, run, merge, replay, shrink, keep, kept and trace over a program's own
// scenarios.
//
//   int main(int argc, char** argv) {
//     return rehearsal::harness::run_scenarios(argc, argv, {my_scenario(), another()});
//   }
#pragma once

#include <string>
#include <vector>

#include "harness/cli/commands.hpp"

namespace rehearsal::harness {

// A whole command line. Gives the exit status (exit_status.hpp). `servers` are those whose
// recordings it replays.
int run_scenarios(int argc, char** argv, const Scenarios& scenarios,
                  const RecordableServers& servers = {});

// The same commands for a program that has others besides.
class ScenarioCommands {
 public:
  // Adds the commands to `app`; `program` is how it was started. `app` must outlive this, which
  // must not move.
  ScenarioCommands(CLI::App& app, std::string program, Scenarios scenarios,
                   RecordableServers servers = {});
  ScenarioCommands(const ScenarioCommands&) = delete;
  ScenarioCommands& operator=(const ScenarioCommands&) = delete;
  ~ScenarioCommands() = default;

  // Runs the command that was parsed; gives the exit status. REQUIRES: one of them was.
  int run();

 private:
  Catalog catalog_;
  std::vector<Command> commands_;
};

}  // namespace rehearsal::harness
