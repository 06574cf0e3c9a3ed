// The commands of a program that rehearses scenarios, each in a file of its own: NAME_command.cpp
#pragma once

#include <list>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "servers/recordable_server.hpp"
#include "simnet/scenario.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace rehearsal::servers {

using Scenarios = std::vector<simnet::Scenario>;

// What every command is given: the scenarios, and how the program was started.
struct Catalog {
  // The scenario of this name, or that of the recording at this path; null where there is neither.
  // Throws BadRecording.
  [[nodiscard]] const simnet::Scenario* find(std::string_view name) const;
  // One line on stderr; each gives the exit status, 2. `where` is a command, or a file and line.
  [[nodiscard]] int unknown_scenario(const std::string& where, std::string_view name) const;
  [[nodiscard]] int refuse(const std::string& what) const;

  std::string program;
  Scenarios scenarios;
  RecordableServers servers;
  // Those that were asked for, so that each is read once.
  mutable std::list<simnet::Scenario> recorded;
};

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

}  // namespace rehearsal::servers
