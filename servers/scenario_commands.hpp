// The commands list, run, replay and trace over a program's own scenarios.
//
//   int main(int argc, char** argv) {
//     return rehearsal::servers::run_scenarios(argc, argv, {my_scenario(), another()});
//   }
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <string_view>
#include <vector>

#include "servers/single_run.hpp"
#include "servers/sweep.hpp"
#include "simnet/scenario.hpp"

namespace CLI {  // NOLINT(readability-identifier-naming)
class App;
}

namespace rehearsal::servers {

using Scenarios = std::vector<simnet::Scenario>;

// A whole command line. Gives the exit status: 0; 1 where a run failed; 2 and one line on stderr
// for bad input; 130 where a sweep was interrupted.
int run_scenarios(int argc, char** argv, const Scenarios& scenarios);

// The same commands for a program that has others besides.
class ScenarioCommands {
 public:
  // Adds the commands to `app`; `program` is how it was started. `app` must outlive this, which
  // must not move.
  ScenarioCommands(CLI::App& app, std::string program, Scenarios scenarios);
  ScenarioCommands(const ScenarioCommands&) = delete;
  ScenarioCommands& operator=(const ScenarioCommands&) = delete;
  ~ScenarioCommands() = default;

  // Runs the command that was parsed; gives the exit status. REQUIRES: one of them was.
  int run();

 private:
  void add_run(CLI::App& app);
  void add_replay(CLI::App& app);
  void add_trace(CLI::App& app);
  int list() const;
  int run_one_or_sweep();
  int replay();
  int replay_trace(const std::string& file, std::istream& in);
  int replay_text(const std::string& where, std::string_view text);
  [[nodiscard]] SingleRunOptions single_run() const;
  [[nodiscard]] const simnet::Scenario* find(std::string_view name) const;
  int unknown_scenario(const std::string& where, std::string_view name) const;
  int refuse(const std::string& what) const;

  std::string program_;
  Scenarios scenarios_;
  CLI::App* list_ = nullptr;
  CLI::App* run_ = nullptr;
  CLI::App* replay_ = nullptr;
  CLI::App* show_ = nullptr;
  CLI::App* diff_ = nullptr;
  // What the flags say.
  std::string scenario_;
  std::string seeds_;
  std::string policy_ = "random";
  std::string trace_file_;
  std::string schedule_;
  std::string left_;
  std::string right_;
  std::uint64_t seed_ = 1;
  std::uint64_t jobs_ = 1;
  std::uint64_t until_ = 0;
  bool checks_determinism_ = false;
};

}  // namespace rehearsal::servers
