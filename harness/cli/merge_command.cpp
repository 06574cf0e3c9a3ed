#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/cli/commands.hpp"
#include "harness/cli/shrink_flags.hpp"
#include "harness/exit_status.hpp"
#include "harness/sweep/merge.hpp"

namespace rehearsal::harness {
namespace {

class MergeCommand final : public Command {
 public:
  MergeCommand(CLI::App& parent, const Catalog& catalog)
      : Command(parent.add_subcommand("merge",
                                      "Join the results of the shards of a sweep, and judge "
                                      "whether every fault came"),
                catalog) {
    app()
        .add_option("files", files_, "What `run --shard --results` wrote, of every shard")
        ->required()
        ->type_name("FILE...");
    shrink_.add_to(app());
    app().footer(exit_status_help);
  }

  int run() override {
    return merge_results(catalog(), files_, shrink_.reported(catalog().program));
  }

 private:
  std::vector<std::string> files_;
  ShrinkFlags shrink_;
};

}  // namespace

std::unique_ptr<Command> add_merge_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<MergeCommand>(app, catalog);
}

}  // namespace rehearsal::harness
