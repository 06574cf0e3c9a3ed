#include <memory>
#include <string>
#include <vector>

#include <CLI/CLI.hpp>

#include "harness/cli/commands.hpp"
#include "harness/cli/shrink_flags.hpp"
#include "harness/exit_status.hpp"
#include "harness/sweep/merge.hpp"

namespace rehearsal::harness {
namespace {

struct MergeFlags {
  std::vector<std::string> files;
  ShrinkFlags shrink;
};

}  // namespace

Command add_merge_command(CLI::App& app, const Catalog& catalog) {
  CLI::App* merge =
      app.add_subcommand("merge", "Merge shard results and print the report of the whole sweep");
  const auto flags = std::make_shared<MergeFlags>();
  merge
      ->add_option("files", flags->files,
                   "Results of all shards, written by `run --shard --results`")
      ->required()
      ->type_name("FILE...");
  flags->shrink.add_to(*merge);
  merge->footer(exit_status_help);
  return {merge, [flags, &catalog] {
            return merge_results(catalog, flags->files, flags->shrink.reported(catalog.program));
          }};
}

}  // namespace rehearsal::harness
