// The commands list, run, merge, replay, shrink, keep, kept and trace for the scenarios of a
// program.
//
//   int main(int argc, char** argv) {
//     return rehearsal::harness::run_scenarios(argc, argv, {my_scenario(), another()});
//   }
#pragma once

#include <string>
#include <vector>

#include "harness/cli/commands.hpp"

namespace rehearsal::harness {

/// Parses the command line and runs its command on `scenarios`, as the main() of a program.
///
/// Recordings of `servers` can be replayed, and simulated like a scenario. Returns the exit
/// status (harness/exit_status.hpp): 0 if all runs passed, 1 to 6 by the kind of failure, 130
/// if interrupted. Bad input is one line on stderr and exit status 2.
int run_scenarios(int argc, char** argv, const Scenarios& scenarios,
                  const RecordableServers& servers = {});

// The same commands, for a program that also has other commands.
class ScenarioCommands {
 public:
  // Adds the commands to `app`. `program` is the path of the program for the commands that are
  // printed. `app` must outlive this object, which must not move.
  ScenarioCommands(CLI::App& app, std::string program, Scenarios scenarios,
                   RecordableServers servers = {});
  ScenarioCommands(const ScenarioCommands&) = delete;
  ScenarioCommands& operator=(const ScenarioCommands&) = delete;
  ~ScenarioCommands() = default;

  // Runs the command that was parsed, and returns the exit status. REQUIRES: one was parsed.
  int run();

 private:
  Catalog catalog_;
  std::vector<Command> commands_;
};

}  // namespace rehearsal::harness
