// The commands of a program that rehearses scenarios, each in a file of its own: NAME_command.cpp
#pragma once

#include <functional>

#include "harness/recorded/catalog.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace rehearsal::harness {

struct Command {
  // Returns whether the command line that was parsed has this command or one of its subcommands.
  const CLI::App* app = nullptr;
  // Runs it, and gives the exit status. Throws BadInput. REQUIRES: it stands there.
  std::function<int()> run;
};

// Each adds a command and its flags to `app`, which must outlive it, as `catalog` must.
Command add_list_command(CLI::App& app, const Catalog& catalog);
Command add_run_command(CLI::App& app, const Catalog& catalog);
Command add_merge_command(CLI::App& app, const Catalog& catalog);
Command add_replay_command(CLI::App& app, const Catalog& catalog);
Command add_shrink_command(CLI::App& app, const Catalog& catalog);
Command add_keep_command(CLI::App& app, const Catalog& catalog);
Command add_kept_command(CLI::App& app, const Catalog& catalog);
Command add_trace_command(CLI::App& app, const Catalog& catalog);

}  // namespace rehearsal::harness
