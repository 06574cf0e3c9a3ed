#include <algorithm>
#include <cstdint>
#include <limits>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/shrink_flags.hpp"
#include "harness/flags.hpp"
#include "harness/process/cores.hpp"
#include "harness/sweep/determinism.hpp"
#include "harness/sweep/search_run.hpp"
#include "harness/sweep/seeds.hpp"
#include "harness/sweep/single_run.hpp"
#include "harness/sweep/sweep.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::uint64_t most_jobs = 256;

class RunCommand final : public Command {
 public:
  RunCommand(CLI::App& parent, const Catalog& catalog);
  int run() override;

 private:
  void add_sweep_flags(CLI::Option* seed);
  [[nodiscard]] int check_each(const simnet::Scenario& scenario, const Seeds& seeds) const;
  [[nodiscard]] int search_with(const simnet::Scenario& scenario, SearchPlan plan) const;
  [[nodiscard]] int sweep_with(const simnet::Scenario& scenario, const SweepPlan& plan) const;

  // What the flags say.
  std::string scenario_;
  std::string seeds_;
  std::string policy_ = "mix";
  std::string trace_file_;
  std::uint64_t seed_ = 1;
  std::uint64_t runs_ = 0;
  std::string shard_;
  std::string results_file_;
  std::string budget_;
  std::uint64_t jobs_ = 0;  // as many as there are cores
  ShrinkFlags shrink_;
  bool checks_determinism_ = false;
  bool no_fork_ = false;
};

RunCommand::RunCommand(CLI::App& parent, const Catalog& catalog)
    : Command(parent.add_subcommand("run", "Rehearse a scenario in a simulated network"), catalog) {
  app().add_option("scenario", scenario_, "One that `list` names")->required();
  CLI::Option* seed = app()
                          .add_option("--seed", seed_, "Run it once, under this seed")
                          ->check(whole_number(0))
                          ->type_name("N")
                          ->capture_default_str();
  app()
      .add_option("--policy", policy_,
                  "How choices are made: one of " + simnet::NamedPolicy::names() +
                      "; or a search, which goes on until it has seen every schedule: " +
                      SearchPlan::names())
      ->check(check_policy)
      ->type_name("NAME")
      ->capture_default_str();
  app()
      .add_option("--runs", runs_, "A search ends after so many; 0: when it has seen all")
      ->check(whole_number(0))
      ->type_name("N");
  add_sweep_flags(seed);
  app()
      .add_option("--trace", trace_file_, "Write what happens, event by event, to this file")
      ->type_name("FILE")
      ->excludes("--seeds")
      ->excludes("--for");
  app()
      .add_flag("--check-determinism", checks_determinism_,
                "Run each seed in two processes that differ in all but the schedule, and compare")
      ->excludes("--for")
      ->excludes("--jobs")
      ->excludes("--shard")
      ->excludes("--results")
      ->excludes("--trace");
  shrink_.add_to(app());
  app()
      .add_flag("--no-fork", no_fork_,
                "Run it in this process, for a debugger; a crash ends it, and nothing is explained")
      ->excludes("--seeds")
      ->excludes("--for")
      ->excludes("--check-determinism");
  app().footer(exit_status_help);
}

void RunCommand::add_sweep_flags(CLI::Option* seed) {
  CLI::Option* seeds = app()
                           .add_option("--seeds", seeds_,
                                       "Run it once under each of these seeds, and judge whether "
                                       "every fault came")
                           ->check(check_seeds)
                           ->type_name("FIRST..LAST")
                           ->excludes(seed);
  CLI::Option* budget = app()
                            .add_option("--for", budget_,
                                        "Run it under as many seeds as begin within this time, "
                                        "from the first of --seeds, or 1, on")
                            ->check(check_duration)
                            ->type_name("TIME")
                            ->excludes(seed);
  app()
      .add_option("--jobs", jobs_, "Processes that share the seeds; all cores without it")
      ->check(whole_number(1, most_jobs))
      ->type_name("J")
      ->excludes(seed);
  app()
      .add_option("--shard", shard_,
                  "Run only this part of the seeds, from 1 on, and leave it to `merge` to judge "
                  "whether every fault came")
      ->check(check_shard)
      ->type_name("SHARD/SHARDS")
      ->needs(seeds)
      ->excludes(budget);
  app()
      .add_option("--results", results_file_, "Write what came of it, for `merge`, to this file")
      ->type_name("FILE")
      ->needs(seeds)
      ->excludes(budget);
}

int RunCommand::check_each(const simnet::Scenario& scenario, const Seeds& seeds) const {
  const simnet::NamedPolicy policy = *simnet::NamedPolicy::parse(policy_);
  int status = 0;
  for (std::uint64_t i = 0; i < seeds.count(); ++i) {
    status =
        std::max(status, check_determinism(catalog().program, scenario, {seeds.first + i, policy}));
  }
  return status;
}

int RunCommand::run() {
  const simnet::Scenario& scenario = catalog().find("run", scenario_);
  if (const auto plan = SearchPlan::parse(policy_)) {
    return search_with(scenario, *plan);
  }
  if (runs_ != 0) {
    throw BadInput("run: --runs needs --policy exhaustive or delays");
  }
  const simnet::NamedPolicy policy = *simnet::NamedPolicy::parse(policy_);
  if (policy.own() && !scenario.own_policy) {
    throw BadInput(fmt::format("run: {} has no policy of its own", scenario_));
  }
  SweepPlan plan{shrink_.reported(catalog().program), policy, {seed_, seed_}};
  if (!seeds_.empty()) {
    plan.seeds = *Seeds::parse(seeds_);
  } else if (!budget_.empty()) {
    plan.seeds = {1, std::numeric_limits<std::uint64_t>::max()};
  }
  if (jobs_ != 0 && seeds_.empty() && budget_.empty()) {
    throw BadInput("run: --jobs needs --seeds or --for");
  }
  if (checks_determinism_) {
    return check_each(scenario, plan.seeds);
  }
  if (!seeds_.empty() || !budget_.empty()) {
    return sweep_with(scenario, plan);
  }
  SingleRunOptions options;
  options.report = plan.report;
  options.trace_file = trace_file_;
  options.isolated = !no_fork_;
  return run_once(scenario, {seed_, policy}, options);
}

int RunCommand::search_with(const simnet::Scenario& scenario, SearchPlan plan) const {
  if (!seeds_.empty() || !budget_.empty() || !trace_file_.empty() || checks_determinism_ ||
      jobs_ != 0 || no_fork_) {
    throw BadInput(
        "run: a search takes --runs and --seed, and none of --seeds, --for, --jobs, --trace, "
        "--no-fork and --check-determinism");
  }
  plan.report = shrink_.reported(catalog().program);
  plan.data_seed = seed_;
  plan.runs = runs_ == 0 ? plan.runs : runs_;
  return run_search(scenario, plan);
}

int RunCommand::sweep_with(const simnet::Scenario& scenario, const SweepPlan& plan) const {
  SweepOptions options;
  options.plan = plan;
  options.jobs = jobs_ == 0 ? std::min(cores_at_hand(), most_jobs) : jobs_;
  options.results_file = results_file_;
  if (!shard_.empty()) {
    options.shard = Shard::parse(shard_);
  }
  if (!budget_.empty()) {
    options.budget = parse_duration(budget_);
  }
  return sweep(scenario, options);
}

}  // namespace

std::unique_ptr<Command> add_run_command(CLI::App& app, const Catalog& catalog) {
  return std::make_unique<RunCommand>(app, catalog);
}

}  // namespace rehearsal::harness
