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
  MergeCommand(CLI::App& app, const Catalog& catalog)
      : catalog_(catalog),
        merge_(app.add_subcommand("merge",
                                  "Join the results of the shards of a sweep, and judge "
                                  "whether every fault came")) {
    merge_->add_option("files", files_, "What `run --shard --results` wrote, of every shard")
        ->required()
        ->type_name("FILE...");
    shrink_.add_to(*merge_);
    merge_->footer(exit_status_help);
  }

  [[nodiscard]] bool asked() const override { return merge_->parsed(); }
  int run() override {
    MergeOptions options;
    options.shrinks = shrink_.shrinks();
    options.bound = shrink_.bound();
    return merge_results(catalog_, files_, options);
  }

 private:
  const Catalog& catalog_;
  CLI::App* merge_;
  std::vector<std::string> files_;
  ShrinkFlags shrink_;
};

}  // namespace

std::unique_ptr<Command> add_merge_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<MergeCommand>(app, catalog);
}

}  // namespace rehearsal::harness
