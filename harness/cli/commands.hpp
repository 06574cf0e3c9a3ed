// The commands of a program that rehearses scenarios, each in a file of its own: NAME_command.cpp
#pragma once

#include <memory>

#include <CLI/CLI.hpp>

#include "harness/recorded/catalog.hpp"

namespace rehearsal::harness {

class Command {
 public:
  // Both must outlive it. A command adds its flags to `app`.
  Command(CLI::App* app, const Catalog& catalog) : app_(*app), catalog_(catalog) {}
  Command(const Command&) = delete;
  Command& operator=(const Command&) = delete;
  virtual ~Command() = default;

  // Whether it, or a command under it, stands in the command line that was parsed.
  [[nodiscard]] bool asked() const { return app_.parsed(); }
  // Runs it, and gives the exit status. Throws BadInput. REQUIRES: asked().
  virtual int run() = 0;

 protected:
  [[nodiscard]] CLI::App& app() { return app_; }
  [[nodiscard]] const Catalog& catalog() const { return catalog_; }

 private:
  CLI::App& app_;
  const Catalog& catalog_;
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
