#include "harness/sweep/sweep.hpp"

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <string>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/flags.hpp"
#include "harness/number_text.hpp"
#include "harness/process/stop_signals.hpp"
#include "harness/report/export/replayed_run.hpp"
#include "harness/run_text.hpp"
#include "harness/sweep/progress.hpp"
#include "harness/sweep/results_file.hpp"
#include "harness/sweep/seed_workers.hpp"
#include "harness/sweep/sweep_data.hpp"
#include "realnet/clock.hpp"
#include "sched/base/check.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr sched::Duration grace = 2s;  // time for the current runs after a signal to stop
constexpr std::chrono::milliseconds wake_every = 50ms;

// Returns the seeds to run, or nothing if the shard has none.
std::optional<Seeds> seeds_of(const SweepOptions& options) {
  return options.shard.value_or(Shard()).part_of(options.plan.seeds);
}

// A failure is printed as soon as all smaller seeds are done. The first one is repeated at the end,
// to be explained.
class Sweep {
 public:
  // `results` is null if no results are written. The signals must be caught before anything shows
  // that the sweep has begun.
  Sweep(const simnet::Scenario& scenario, const SweepOptions& options, StopSignals& signals,
        ResultsWriter* results);

  int run();

 private:
  void release();
  void look_at_the_clock();
  void stop();
  void show_progress();
  [[nodiscard]] bool makes_page() const { return !plan_.report.files.html.empty(); }
  void note_moment();
  int conclude();
  [[nodiscard]] bool overdue() const { return stop_by_ && realnet::monotonic_now() >= *stop_by_; }

  StopSignals& signals_;
  const simnet::Scenario& scenario_;
  const SweepOptions& options_;
  SweepPlan plan_;  // the plan with the seeds of this shard
  std::uint64_t total_;
  WorkPlan work_;
  SeedWorkers workers_;
  std::uint64_t released_ = 0;             // number of failures that were printed or counted
  std::optional<Finding> first_;           // the first released failure
  std::vector<FailureReport> told_;        // released failures that were printed
  std::optional<sched::Instant> stop_by_;  // set after a signal to stop
  ResultsWriter* results_;
  SweepReport report_;
  Progress progress_;
  SweepMoments moments_;  // empty unless there is a page
};

Sweep::Sweep(const simnet::Scenario& scenario, const SweepOptions& options, StopSignals& signals,
             ResultsWriter* results)
    : signals_(signals),
      scenario_(scenario),
      options_(options),
      plan_(options.plan),
      total_(seeds_of(options) ? seeds_of(options)->count() : 0),
      workers_(scenario, work_, total_, options.jobs),
      results_(results),
      report_(scenario, plan_) {
  plan_.seeds = seeds_of(options).value_or(plan_.seeds);
  work_.policy = plan_.policy;
  work_.seeds = plan_.seeds;
  work_.command = [this](std::uint64_t seed) {
    return run_command(plan_.report.program, scenario_.name, {seed, plan_.policy});
  };
}

int Sweep::run() {
  workers_.start();
  while (workers_.busy()) {
    workers_.wait(signals_.descriptor(), wake_every);
    if (signals_.came()) {
      stop();
    }
    look_at_the_clock();
    release();
    show_progress();
    note_moment();
  }
  signals_.release();
  return conclude();
}

void Sweep::release() {
  while (std::optional<Finding> next = workers_.next()) {
    if (released_++ < most_failures_told) {
      progress_.clear();
      told_.push_back({next->seed, next->kind, next->what, {}, {}});
      report_.add(told_.back());
    }
    if (!first_) {
      first_ = std::move(next);
    }
  }
}

void Sweep::look_at_the_clock() {
  const bool began = workers_.claimed() != 0;  // even the smallest budget allows one run
  if (options_.budget && began && progress_.elapsed() >= *options_.budget) {
    workers_.close();
  }
  if (overdue()) {
    workers_.kill();
  }
}

void Sweep::stop() {
  workers_.close();
  // A second signal stops the sweep at once.
  stop_by_ = realnet::monotonic_now() + (stop_by_ ? sched::Duration(0) : grace);
}

void Sweep::show_progress() {
  SweepState state;
  state.scenario = scenario_.name;
  state.total = total_;
  state.done = workers_.runs_done();
  state.failed = workers_.failures();
  state.time = workers_.tally().time;
  state.budget = options_.budget;
  progress_.show(state);
}

void Sweep::note_moment() {
  if (makes_page()) {
    const simnet::Tally& tally = workers_.tally();
    moments_.add({progress_.elapsed(), tally.runs, workers_.failures(), tally.reached()});
  }
}

int Sweep::conclude() {
  const sched::Duration took = progress_.elapsed();
  progress_.clear();
  release();
  note_moment();
  const std::uint64_t claimed = workers_.claimed();
  Seeds seeds = plan_.seeds;
  if (options_.budget) {
    seeds.last = seeds.first + claimed - 1;
  }
  if (makes_page()) {
    plan_.report.sweep = sweep_data(
        {scenario_.name, plan_.policy.to_string(), seeds, took, released_ - told_.size()},
        workers_.tally(), told_, moments_);
  }
  const bool cut = stop_by_ && (claimed != total_ || !workers_.unfinished().empty());
  const bool explains = !stop_by_ && !options_.shard;
  if (first_ && !cut && (explains || results_ != nullptr)) {
    told_.front() = rerun(scenario_, plan_.policy, plan_.report.program, *first_);
    if (explains) {
      report_.explain(told_.front());
    }
  }
  report_.conclude(workers_.tally(), seeds, released_ - report_.failures());
  int status = report_.status();
  if (options_.budget) {
    fmt::print("  these seeds started within {}; run them again with --seeds {}..{}\n",
               in_words(*options_.budget), seeds.first, seeds.last);
  }
  for (const std::uint64_t seed : workers_.unfinished()) {
    fmt::print("  seed {} was still running and was killed; run it again:\n{}\n", seed,
               run_command(plan_.report.program, scenario_.name, {seed, plan_.policy}));
  }
  if (cut) {
    fmt::print("  interrupted after seeds {}..{}{}; faults that never fired are not reported\n",
               seeds.first, seeds.first + workers_.first_missing() - 1,
               workers_.first_missing() == claimed ? "" : " and some after them");
    status = interrupted;
  } else {
    sched::check(workers_.first_missing() == claimed,
                 "a sweep has run every seed that was claimed");
    if (options_.shard) {
      status = std::min(status, failed);  // `merge` reports the kind of failure
      fmt::print("  shard {}: `merge` checks whether every fault fired\n",
                 options_.shard->to_string());
    } else {
      status = report_.judge(workers_.tally());
    }
  }
  if (plan_.report.files.any() && (!first_ || cut)) {
    status =
        write_default_run(scenario_, seeds.first,
                          counted(workers_.tally().runs, "run") + " of seeds " +
                              fmt::format("{}..{}", seeds.first, seeds.last),
                          plan_.report.program, plan_.report.files, plan_.report.sweep, status);
  }
  if (results_ != nullptr) {
    std::ranges::for_each(told_, [&](const FailureReport& one) { results_->add(one); });
    if (!cut) {
      results_->end(workers_.tally(), report_.failures());
    }
  }
  std::fflush(stdout);
  fmt::print(stderr, "{}, {} runs/s, {}\n", in_words(took),
             grouped(per_second(workers_.tally().runs, took)),
             counted(workers_.workers(), "worker"));
  return status;
}

}  // namespace

int sweep(const simnet::Scenario& scenario, const SweepOptions& options) {
  StopSignals signals;
  if (options.results_file.empty()) {
    return Sweep(scenario, options, signals, nullptr).run();
  }
  const SweepPlan& plan = options.plan;
  ResultsWriter results(options.results_file,
                        {scenario.name, plan.policy.to_string(), plan.seeds,
                         options.shard.value_or(Shard()), build_of_this_program()});
  const int status = results.good() ? Sweep(scenario, options, signals, &results).run() : bad_input;
  if (!results.good()) {
    throw BadInput(options.results_file +
                   ": cannot be written; check the folder and the space on the disk");
  }
  return status;
}

}  // namespace rehearsal::harness
