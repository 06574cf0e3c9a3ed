#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/cli/commands.hpp"

namespace rehearsal::harness {
namespace {

class ListCommand final : public Command {
 public:
  ListCommand(CLI::App& parent, const Catalog& catalog)
      : Command(parent.add_subcommand("list", "List the scenarios that can be rehearsed"),
                catalog) {}

  int run() override {
    std::size_t widest = 0;
    for (const simnet::Scenario& scenario : catalog().scenarios) {
      widest = std::max(widest, scenario.name.size());
    }
    for (const simnet::Scenario& scenario : catalog().scenarios) {
      fmt::print("{:<{}}  {}\n", scenario.name, widest, scenario.description);
    }
    return 0;
  }
};

}  // namespace

std::unique_ptr<Command> add_list_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<ListCommand>(app, catalog);
}

}  // namespace rehearsal::harness
