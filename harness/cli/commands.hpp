// The commands of a program that simulates scenarios, each in its own file: NAME_command.cpp.
#pragma once

#include <functional>

#include "harness/recorded/catalog.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace rehearsal::harness {

struct Command {
  // The subcommand: app->parsed() is true if the command line names it.
  const CLI::App* app = nullptr;
  // Runs the command, and returns the exit status. Throws BadInput. REQUIRES: app->parsed().
  std::function<int()> run;
};

// Each function adds a command and its flags to `app`. The returned command must not outlive `app`
// and `catalog`.
Command add_list_command(CLI::App& app, const Catalog& catalog);
Command add_run_command(CLI::App& app, const Catalog& catalog);
Command add_merge_command(CLI::App& app, const Catalog& catalog);
Command add_replay_command(CLI::App& app, const Catalog& catalog);
Command add_shrink_command(CLI::App& app, const Catalog& catalog);
Command add_keep_command(CLI::App& app, const Catalog& catalog);
Command add_kept_command(CLI::App& app, const Catalog& catalog);
Command add_trace_command(CLI::App& app, const Catalog& catalog);

}  // namespace rehearsal::harness
