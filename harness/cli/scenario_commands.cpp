#include "harness/cli/scenario_commands.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/flags.hpp"
#include "harness/sweep/determinism.hpp"
#include "sched/base/check.hpp"

namespace rehearsal::harness {

ScenarioCommands::ScenarioCommands(CLI::App& app, std::string program, Scenarios scenarios,
                                   RecordableServers servers)
    : catalog_{std::move(program), std::move(scenarios), std::move(servers), {}} {
  // The version of the library, also in a program of a user: a bug report needs it.
  app.set_version_flag("--version", "rehearsal " REHEARSAL_VERSION,
                       "Print the version of the library and exit");
  for (const auto add :
       {add_list_command, add_run_command, add_merge_command, add_replay_command,
        add_shrink_command, add_keep_command, add_kept_command, add_trace_command}) {
    commands_.push_back(add(app, catalog_));
  }
}

int ScenarioCommands::run() {
  scramble_heap_where_asked();
  const auto asked =
      std::ranges::find_if(commands_, [](const Command& command) { return command.app->parsed(); });
  sched::check(asked != commands_.end(), "a command was parsed");
  try {
    return asked->run();
  } catch (const BadInput& bad) {
    return refuse(catalog_.program, bad.what());
  }
}

int run_scenarios(int argc, char** argv, const Scenarios& scenarios,
                  const RecordableServers& servers) {
  CLI::App app("Runs its scenarios in a simulated network",
               std::filesystem::path(argv[0]).filename().string());
  app.require_subcommand(1);
  ScenarioCommands commands(app, argv[0], scenarios, servers);
  int status = 0;
  return parsed(app, argc, argv, status) ? commands.run() : status;
}

}  // namespace rehearsal::harness
