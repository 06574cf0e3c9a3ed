#include <algorithm>
#include <cstdio>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/cli/commands.hpp"

namespace rehearsal::harness {
namespace {

class ListCommand final : public Command {
 public:
  ListCommand(CLI::App& app, const Catalog& catalog)
      : catalog_(catalog),
        list_(app.add_subcommand("list", "List the scenarios that can be rehearsed")) {}

  [[nodiscard]] bool asked() const override { return list_->parsed(); }

  int run() override {
    std::size_t widest = 0;
    for (const simnet::Scenario& scenario : catalog_.scenarios) {
      widest = std::max(widest, scenario.name.size());
    }
    for (const simnet::Scenario& scenario : catalog_.scenarios) {
      fmt::print("{:<{}}  {}\n", scenario.name, widest, scenario.description);
    }
    return 0;
  }

 private:
  const Catalog& catalog_;
  CLI::App* list_;
};

}  // namespace

std::unique_ptr<Command> add_list_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<ListCommand>(app, catalog);
}

}  // namespace rehearsal::harness
