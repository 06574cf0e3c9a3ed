// The commands of a program that rehearses scenarios, each in a file of its own: NAME_command.cpp
#pragma once

#include <memory>

#include "harness/recorded/catalog.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace rehearsal::harness {

class Command {
 public:
  Command() = default;
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  // Whether it, or a command under it, stands in the command line that was parsed.
  [[nodiscard]] virtual bool asked() const = 0;
  // Runs it, and gives the exit status. REQUIRES: asked().
  virtual int run() = 0;
};

// Each adds a command and its flags to `app`, which must outlive it, as `catalog` must.
std::unique_ptr<Command> add_list_command(CLI::App& app, const Catalog& catalog);
std::unique_ptr<Command> add_run_command(CLI::App& app, const Catalog& catalog);
std::unique_ptr<Command> add_merge_command(CLI::App& app, const Catalog& catalog);
std::unique_ptr<Command> add_replay_command(CLI::App& app, const Catalog& catalog);
std::unique_ptr<Command> add_shrink_command(CLI::App& app, const Catalog& catalog);
std::unique_ptr<Command> add_keep_command(CLI::App& app, const Catalog& catalog);
std::unique_ptr<Command> add_kept_command(CLI::App& app, const Catalog& catalog);
std::unique_ptr<Command> add_trace_command(CLI::App& app, const Catalog& catalog);

}  // namespace rehearsal::harness
