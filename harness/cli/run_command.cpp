#include <algorithm>
#include <cstdint>
#include <limits>
#include <memory>
#include <string>

#include <CLI/CLI.hpp>
#include <fmt/format.h>

#include "harness/cli/commands.hpp"
#include "harness/cli/shrink_flags.hpp"
#include "harness/flags.hpp"
#include "harness/process/cores.hpp"
#include "harness/process/work_queue.hpp"
#include "harness/sweep/determinism.hpp"
#include "harness/sweep/search_run.hpp"
#include "harness/sweep/single_run.hpp"
#include "harness/sweep/sweep.hpp"

namespace rehearsal::harness {
namespace {

struct RunFlags {
  std::string scenario;
  std::string seeds;
  std::string policy = "mix";
  std::string trace_file;
  RunFiles files;
  std::uint64_t seed = 1;
  std::uint64_t runs = 0;
  std::string shard;
  std::string results_file;
  std::string budget;
  std::uint64_t jobs = 0;  // 0 means one process per core
  ShrinkFlags shrink;
  bool checks_determinism = false;
  bool no_fork = false;

  [[nodiscard]] bool sweeps() const { return !seeds.empty() || !budget.empty(); }
};

void add_sweep_flags(CLI::App& run, RunFlags& flags, CLI::Option* seed) {
  CLI::Option* seeds = run.add_option("--seeds", flags.seeds,
                                      "Run once with each of these seeds, and fail if a configured "
                                      "fault never fired")
                           ->check(check_seeds)
                           ->type_name("FIRST..LAST")
                           ->excludes(seed);
  CLI::Option* budget = run.add_option("--for", flags.budget,
                                       "Run as many seeds as start within TIME, from the first of "
                                       "--seeds (default 1)")
                            ->check(check_duration)
                            ->type_name("TIME")
                            ->excludes(seed);
  run.add_option("--jobs", flags.jobs, "Number of worker processes (default: one per core)")
      ->check(whole_number(1, most_workers))
      ->type_name("J")
      ->excludes(seed);
  run.add_option("--shard", flags.shard,
                 "Run only shard number SHARD (from 1) of the seeds; `merge` checks whether every "
                 "fault fired")
      ->check(check_shard)
      ->type_name("SHARD/SHARDS")
      ->needs(seeds)
      ->excludes(budget);
  run.add_option("--results", flags.results_file, "Write the results to FILE, for `merge`")
      ->type_name("FILE")
      ->needs(seeds)
      ->excludes(budget);
}

void add_run_flags(CLI::App& run, RunFlags& flags) {
  run.add_option("scenario", flags.scenario, "Name of a scenario, as printed by `list`")
      ->required();
  CLI::Option* seed = run.add_option("--seed", flags.seed, "Run once with seed N")
                          ->check(whole_number(0))
                          ->type_name("N")
                          ->capture_default_str();
  run.add_option("--policy", flags.policy,
                 "Policy of the choices: one of " + simnet::NamedPolicy::names() +
                     "; or a search, which runs until it has explored every schedule or fault: " +
                     SearchPlan::names())
      ->check(check_policy)
      ->type_name("NAME")
      ->capture_default_str();
  run.add_option("--runs", flags.runs, "Maximum runs of a search (0 = until it has explored all)")
      ->check(whole_number(0))
      ->type_name("N");
  add_sweep_flags(run, flags, seed);
  run.add_option("--trace", flags.trace_file, "Write a trace of the run to FILE")
      ->type_name("FILE")
      ->excludes("--seeds")
      ->excludes("--for");
  run.add_flag("--check-determinism", flags.checks_determinism,
               "Run each seed in two processes that differ in everything but the schedule, and "
               "compare their traces")
      ->excludes("--for")
      ->excludes("--jobs")
      ->excludes("--shard")
      ->excludes("--results")
      ->excludes("--trace");
  flags.shrink.add_to(run);
  run.add_flag("--no-fork", flags.no_fork,
               "Run in this process, for debugging: no shrinking, no report, a crash ends the "
               "program")
      ->excludes("--seeds")
      ->excludes("--for")
      ->excludes("--check-determinism");
  add_file_flags(run, flags.files, {"--check-determinism", "--no-fork", "--shard"});
  run.footer(exit_status_help);
}

int check_each(const std::string& program, const simnet::Scenario& scenario,
               const SweepPlan& plan) {
  int status = 0;
  for (std::uint64_t i = 0; i < plan.seeds.count(); ++i) {
    status =
        std::max(status, check_determinism(program, scenario, {plan.seeds.first + i, plan.policy}));
  }
  return status;
}

int search_with(const RunFlags& flags, const simnet::Scenario& scenario, SearchPlan plan,
                const FailureReportOptions& report) {
  if (flags.sweeps() || !flags.trace_file.empty() || flags.checks_determinism || flags.jobs != 0 ||
      flags.no_fork) {
    throw BadInput(
        "run: a search accepts --runs and --seed; omit --seeds, --for, --jobs, --trace, "
        "--no-fork and --check-determinism");
  }
  plan.report = report;
  plan.data_seed = flags.seed;
  plan.runs = flags.runs == 0 ? plan.runs : flags.runs;
  return run_search(scenario, plan);
}

int sweep_with(const RunFlags& flags, const simnet::Scenario& scenario, const SweepPlan& plan) {
  SweepOptions options;
  options.plan = plan;
  options.jobs = flags.jobs == 0 ? cores_at_hand() : flags.jobs;
  options.results_file = flags.results_file;
  if (!flags.shard.empty()) {
    options.shard = Shard::parse(flags.shard);
  }
  if (!flags.budget.empty()) {
    options.budget = parse_duration(flags.budget);
  }
  return sweep(scenario, options);
}

int run_with(const RunFlags& flags, const Catalog& catalog) {
  const simnet::Scenario& scenario = catalog.find("run", flags.scenario);
  FailureReportOptions report = flags.shrink.reported(catalog.program);
  report.files = flags.files;
  if (const auto plan = SearchPlan::parse(flags.policy)) {
    return search_with(flags, scenario, *plan, report);
  }
  if (flags.runs != 0) {
    throw BadInput("run: --runs needs a search; add --policy exhaustive, delays or faults");
  }
  const simnet::NamedPolicy policy = *simnet::NamedPolicy::parse(flags.policy);
  if (policy.own() && !scenario.own_policy) {
    throw BadInput(fmt::format("run: scenario '{}' has no custom policy; choose another --policy",
                               flags.scenario));
  }
  SweepPlan plan{report, policy, {flags.seed, flags.seed}};
  if (!flags.seeds.empty()) {
    plan.seeds = *Seeds::parse(flags.seeds);
  } else if (!flags.budget.empty()) {
    plan.seeds = {1, std::numeric_limits<std::uint64_t>::max()};
  }
  if (flags.jobs != 0 && !flags.sweeps()) {
    throw BadInput("run: --jobs needs a sweep; add --seeds or --for");
  }
  if (flags.checks_determinism) {
    return check_each(catalog.program, scenario, plan);
  }
  if (flags.sweeps()) {
    return sweep_with(flags, scenario, plan);
  }
  SingleRunOptions options;
  options.report = report;
  options.trace_file = flags.trace_file;
  options.isolated = !flags.no_fork;
  return run_once(scenario, {flags.seed, policy}, options);
}

}  // namespace

Command add_run_command(CLI::App& app, const Catalog& catalog) {
  CLI::App* run = app.add_subcommand("run", "Run a scenario in a simulated network");
  const auto flags = std::make_shared<RunFlags>();
  add_run_flags(*run, *flags);
  return {run, [flags, &catalog] { return run_with(*flags, catalog); }};
}

}  // namespace rehearsal::harness
