#include "servers/scenario_commands.hpp"

#include <algorithm>
#include <filesystem>
#include <utility>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "sched/check.hpp"
#include "servers/determinism.hpp"
#include "servers/flags.hpp"
#include "servers/recorded_scenario.hpp"
#include "servers/recorded_traffic.hpp"
#include "servers/recording_files.hpp"

namespace rehearsal::servers {

const simnet::Scenario* Catalog::find(std::string_view name) const {
  const auto found = std::ranges::find(scenarios, name, &simnet::Scenario::name);
  if (found != scenarios.end()) {
    return &*found;
  }
  const auto known = std::ranges::find(recorded, name, &simnet::Scenario::name);
  if (known != recorded.end()) {
    return &*known;
  }
  const std::string path(name);
  if (!is_recording(path)) {
    return nullptr;
  }
  return &recorded.emplace_back(recorded_scenario(path, servers));
}

int Catalog::unknown_scenario(const std::string& where, std::string_view name) const {
  std::string names;
  for (const simnet::Scenario& scenario : scenarios) {
    names += (names.empty() ? "" : ", ") + scenario.name;
  }
  std::string expected = names.empty() ? "" : "one of " + names;
  if (!servers.empty()) {
    expected += (names.empty() ? "" : ", or ") + std::string("a directory of recordings");
  }
  return refuse(fmt::format("{}: '{}' is no scenario; expected {}", where, name,
                            expected.empty() ? "none" : expected));
}

int Catalog::refuse(const std::string& what) const { return servers::refuse(program, what); }

ScenarioCommands::ScenarioCommands(CLI::App& app, std::string program, Scenarios scenarios,
                                   RecordableServers servers)
    : catalog_{std::move(program), std::move(scenarios), std::move(servers), {}} {
  commands_.push_back(add_list_command(app, catalog_));
  commands_.push_back(add_run_command(app, catalog_));
  commands_.push_back(add_merge_command(app, catalog_));
  commands_.push_back(add_replay_command(app, catalog_));
  commands_.push_back(add_shrink_command(app, catalog_));
  commands_.push_back(add_keep_command(app, catalog_));
  commands_.push_back(add_kept_command(app, catalog_));
  commands_.push_back(add_trace_command(app, catalog_));
}

int ScenarioCommands::run() {
  scramble_heap_where_asked();
  const auto asked = std::ranges::find_if(
      commands_, [](const std::unique_ptr<Command>& command) { return command->asked(); });
  sched::check(asked != commands_.end(), "a command was parsed");
  try {
    return (*asked)->run();
  } catch (const BadRecording& bad) {
    return catalog_.refuse(bad.what());
  }
}

int run_scenarios(int argc, char** argv, const Scenarios& scenarios,
                  const RecordableServers& servers) {
  CLI::App app("Rehearses its scenarios in a simulated network",
               std::filesystem::path(argv[0]).filename().string());
  app.require_subcommand(1);
  ScenarioCommands commands(app, argv[0], scenarios, servers);
  int status = 0;
  return parsed(app, argc, argv, status) ? commands.run() : status;
}

}  // namespace rehearsal::servers
