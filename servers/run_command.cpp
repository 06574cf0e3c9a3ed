#include <algorithm>
#include <cstdint>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "servers/commands.hpp"
#include "servers/determinism.hpp"
#include "servers/flags.hpp"
#include "servers/seeds.hpp"
#include "servers/single_run.hpp"
#include "servers/sweep.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::uint64_t most_jobs = 256;

std::string check_policy(const std::string& text) {
  return simnet::NamedPolicy::parse(text)
             ? std::string()
             : fmt::format("'{}' is not one of {}", text, simnet::NamedPolicy::names());
}

class RunCommand final : public Command {
 public:
  RunCommand(CLI::App& app, const Catalog& catalog);
  [[nodiscard]] bool asked() const override { return run_->parsed(); }
  int run() override;

 private:
  [[nodiscard]] int check_each(const simnet::Scenario& scenario, const Seeds& seeds) const;

  const Catalog& catalog_;
  CLI::App* run_;
  // What the flags say.
  std::string scenario_;
  std::string seeds_;
  std::string policy_ = "mix";
  std::string trace_file_;
  std::uint64_t seed_ = 1;
  std::uint64_t jobs_ = 1;
  bool checks_determinism_ = false;
};

RunCommand::RunCommand(CLI::App& app, const Catalog& catalog)
    : catalog_(catalog),
      run_(app.add_subcommand("run", "Rehearse a scenario in a simulated network")) {
  run_->add_option("scenario", scenario_, "One that `list` names")->required();
  CLI::Option* seed = run_->add_option("--seed", seed_, "Run it once, under this seed")
                          ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
                          ->type_name("N")
                          ->capture_default_str();
  CLI::Option* seeds = run_->add_option("--seeds", seeds_,
                                        "Run it once under each of these seeds, and judge whether "
                                        "every fault came")
                           ->check(check_seeds)
                           ->type_name("FIRST..LAST")
                           ->excludes(seed);
  run_->add_option("--policy", policy_,
                   "How choices are made: one of " + simnet::NamedPolicy::names())
      ->check(check_policy)
      ->type_name("NAME")
      ->capture_default_str();
  run_->add_option("--jobs", jobs_, "Processes that share the seeds")
      ->check(whole_number(1, most_jobs))
      ->type_name("J")
      ->capture_default_str()
      ->needs(seeds);
  run_->add_option("--trace", trace_file_, "Write what happens, event by event, to this file")
      ->type_name("FILE")
      ->excludes(seeds);
  run_->add_flag("--check-determinism", checks_determinism_,
                 "Run each seed in two processes that differ in all but the schedule, and compare");
}

int RunCommand::check_each(const simnet::Scenario& scenario, const Seeds& seeds) const {
  const simnet::NamedPolicy policy = *simnet::NamedPolicy::parse(policy_);
  int status = 0;
  for (std::uint64_t i = 0; i < seeds.count(); ++i) {
    status =
        std::max(status, check_determinism(catalog_.program, scenario, {seeds.first + i, policy}));
  }
  return status;
}

int RunCommand::run() {
  const simnet::Scenario* scenario = catalog_.find(scenario_);
  if (scenario == nullptr) {
    return catalog_.unknown_scenario("run", scenario_);
  }
  const simnet::NamedPolicy policy = *simnet::NamedPolicy::parse(policy_);
  const Seeds seeds = seeds_.empty() ? Seeds{seed_, seed_} : *Seeds::parse(seeds_);
  if (checks_determinism_) {
    return check_each(*scenario, seeds);
  }
  if (seeds_.empty()) {
    SingleRunOptions options;
    options.program = catalog_.program;
    options.trace_file = trace_file_;
    return run_once(*scenario, {seed_, policy}, options);
  }
  SweepOptions options;
  options.program = catalog_.program;
  options.policy = policy;
  options.jobs = jobs_;
  options.first_seed = seeds.first;
  options.last_seed = seeds.last;
  return sweep(*scenario, options);
}

}  // namespace

std::unique_ptr<Command> add_run_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<RunCommand>(app, catalog);
}

}  // namespace rehearsal::servers
