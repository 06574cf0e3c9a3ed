// bench_bugs: the planted bugs as scenarios with the commands of `rehearsal`, and the bench that
// measures how soon each policy finds them.
#include <cstdio>
#include <exception>
#include <filesystem>
#include <fstream>
#include <limits>
#include <memory>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/cli/scenario_commands.hpp"
#include "harness/flags.hpp"
#include "tests/corpus/bugs/bench/table.hpp"

namespace rehearsal::bugs {
namespace {

using harness::Scenarios;
using simnet::NamedPolicy;

class BenchCommand {
 public:
  explicit BenchCommand(CLI::App& app);
  [[nodiscard]] bool asked() const { return bench_->parsed(); }
  // Returns the exit status: 1 if a goal of the bench is missed.
  int run(const std::string& program);

 private:
  int write_json(const std::string& program, const std::vector<BugFigures>& figures) const;

  CLI::App* bench_;
  BenchOptions options_;
  std::vector<std::string> bugs_;
  std::vector<std::string> policies_ = {"mix", "random", "pct", "pos", "sparse", "swarm"};
  std::string json_file_;
};

BenchCommand::BenchCommand(CLI::App& app)
    : bench_(app.add_subcommand("bench-bugs", "How soon each policy finds the planted bugs")) {
  constexpr std::uint64_t most = 1'000'000;
  std::vector<std::string> names;
  for (const Bug& bug : all_bugs()) {
    names.push_back(bug.name);
  }
  bench_->add_option("bugs", bugs_, "Only these")->check(harness::one_of(names));
  bench_->add_option("--sets", options_.sets, "Searches of each bug by each policy")
      ->check(harness::whole_number(1, most))
      ->capture_default_str();
  bench_->add_option("--runs", options_.most_runs, "Maximum runs of a search")
      ->check(harness::whole_number(1, most))
      ->capture_default_str();
  bench_->add_option("--twins", options_.twin_runs, "Runs of each fixed variant")
      ->check(harness::whole_number(0, 100 * most))
      ->capture_default_str();
  bench_->add_option("--policy", policies_, "The goals apply to the first")
      ->check([](const std::string& text) {
        return NamedPolicy::parse(text)
                   ? std::string()
                   : fmt::format("'{}' is not one of {}", text, NamedPolicy::names());
      })
      ->capture_default_str();
  bench_->add_option("--json", json_file_, "Write the figures to this file, as JSON Lines")
      ->multi_option_policy(CLI::MultiOptionPolicy::TakeLast)
      ->type_name("FILE");
}

int BenchCommand::write_json(const std::string& program,
                             const std::vector<BugFigures>& figures) const {
  std::ofstream file(json_file_);
  file << json_lines(figures, options_);
  file.close();
  if (!file) {
    fmt::print(stderr, "{}: cannot write {}\n", program, json_file_);
    return harness::failed;
  }
  return 0;
}

int BenchCommand::run(const std::string& program) {
  for (const std::string& policy : policies_) {
    options_.policies.push_back(*NamedPolicy::parse(policy));
  }
  std::vector<BugFigures> figures;
  std::vector<std::string> missed;
  for (const Bug& bug : all_bugs()) {
    if (bugs_.empty() || std::ranges::find(bugs_, bug.name) != bugs_.end()) {
      figures.push_back(measure(bug, options_));
      for (std::string& goal : missed_goals(figures.back(), options_)) {
        missed.push_back(std::move(goal));
      }
      fmt::print(stderr, "{}: {}: {}\n", bug.name, figures.back().example, figures.back().failure);
    }
  }
  fmt::print(
      "Median runs, and the first policy's milliseconds, runs of shrinking and deviations\n\n{}\n",
      markdown(figures, options_));
  if (options_.policies.size() > 1) {
    fmt::print("Median milliseconds of processor time\n\n{}\n", times(figures, options_));
    fmt::print("Median deviations after shrinking\n\n{}\n", deviations(figures, options_));
  }
  fmt::print("{}", goals(figures, options_));
  for (const std::string& goal : missed) {
    fmt::print("missed: {}\n", goal);
  }
  const int written = json_file_.empty() ? 0 : write_json(program, figures);
  return missed.empty() ? written : harness::failed;
}

Scenarios scenarios() {
  Scenarios all;
  for (const Bug& bug : all_bugs()) {
    all.push_back(scenario_of(bug, Version::buggy));
    all.push_back(scenario_of(bug, Version::fixed));
  }
  return all;
}

int run_command_line(int argc, char** argv) {
  CLI::App app("Planted bugs, and how soon they are found",
               std::filesystem::path(argv[0]).filename().string());
  app.require_subcommand(1);
  BenchCommand bench(app);
  harness::ScenarioCommands commands(app, argv[0], scenarios());
  int status = 0;
  if (!harness::parsed(app, argc, argv, status)) {
    return status;
  }
  return bench.asked() ? bench.run(argv[0]) : commands.run();
}

}  // namespace
}  // namespace rehearsal::bugs

int main(int argc, char** argv) {
  try {
    return rehearsal::bugs::run_command_line(argc, argv);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "bench_bugs: %s\n", error.what());
    return 1;
  }
}
