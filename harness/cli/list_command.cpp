#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/cli/commands.hpp"

namespace rehearsal::harness {

Command add_list_command(CLI::App& app, const Catalog& catalog) {
  const auto run = [&catalog] {
    std::size_t widest = 0;
    for (const simnet::Scenario& scenario : catalog.scenarios) {
      widest = std::max(widest, scenario.name.size());
    }
    for (const simnet::Scenario& scenario : catalog.scenarios) {
      fmt::print("{:<{}}  {}\n", scenario.name, widest, scenario.description);
    }
    return 0;
  };
  return {app.add_subcommand("list", "List the scenarios of this program"), run};
}

}  // namespace rehearsal::harness
