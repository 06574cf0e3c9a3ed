#include "harness/gtest/rehearse.hpp"

#include <unistd.h>

#include <algorithm>
#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "harness/gdb/gdb.hpp"
#include "harness/gtest/capture.hpp"
#include "harness/gtest/differing_runs.hpp"
#include "harness/gtest/failure_text.hpp"
#include "harness/gtest/stop_handler.hpp"
#include "harness/gtest/test_run.hpp"
#include "harness/gtest/test_sweep.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/cores.hpp"
#include "harness/report/trace_files.hpp"
#include "harness/sweep/search_in_child.hpp"
#include "simnet/search/kept.hpp"
#include "simnet/search/seed_runs.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::harness {
namespace {

using testing::Test;

simnet::Scenario scenario_of(const RehearsedTest& test, const RehearseOptions& options) {
  simnet::Scenario scenario(test.name, "A test", test.body);
  scenario.options = options.world;
  scenario.rates = options.rates;
  scenario.own_policy = options.own_policy;
  scenario.run = [](simnet::World& world) {
    const std::optional<simnet::RunReport> report = world.report();
    return report ? *report : world.run();
  };
  return scenario;
}

// Ends the process of a run that has lost memory, as a crash of this run.
void crash_if_leaked(simnet::RunReport& /*report*/) {
  if (!is_debugged() && has_leaked()) {
    ::_exit(1);
  }
}

class Rehearsal {
 public:
  Rehearsal(const RehearsedTest& test, const RehearseOptions& options, const Demands& demands)
      : test_(test),
        own_(options),
        options_(demands.over(options)),
        demands_(demands),
        scenario_(scenario_of(test, options)) {
    const std::uint64_t after = ~std::uint64_t{0} - options_.seed;  // seeds after the first one
    options_.runs = std::min(options_.runs - 1, after) + 1;
  }

  void run();

 private:
  [[nodiscard]] std::optional<simnet::Schedule> parse_replay();
  void replay(const simnet::Schedule& schedule);
  void replay_under_gdb(const simnet::Schedule& schedule);
  void keep(const simnet::Schedule& schedule, const TestRun& run);
  void replay_kept();
  void replay_kept(const std::string& file);
  void run_seeds();
  void note_seed(std::uint64_t seed);
  [[nodiscard]] SweptTest sweep_seeds();
  void search(SearchPlan plan);
  void conclude(const Searched& found);
  [[nodiscard]] StartsRun starts_seed(std::uint64_t seed) const;
  [[nodiscard]] TestRun run_schedule(const simnet::Schedule& schedule);
  [[nodiscard]] TestRun run_schedule_for_leaks(const simnet::Schedule& schedule);
  void found(const Finding& finding);
  void report_differing_seed(std::uint64_t seed, DifferingRuns found);
  void shrink_and_report(const TestRun& found, FailureText text);
  void fail_missing(const std::vector<std::string>& missing, std::uint64_t runs);
  void record(std::uint64_t runs, std::uint64_t seed) const;
  void report(const FailureText& text, const TestRun& run);
  void write_trace(const simnet::Schedule& schedule);
  void fail(const std::string& text, const char* file, int line);
  void fail(const std::string& text) { fail(text, test_.file, test_.line); }
  void skip(const std::string& why) const;
  [[nodiscard]] std::string seed_command(std::uint64_t seed, std::uint64_t runs = 1) const;

  const RehearsedTest& test_;
  const RehearseOptions& own_;  // the options in the source of the test
  RehearseOptions options_;
  const Demands& demands_;
  simnet::Scenario scenario_;
  simnet::NamedPolicy policy_;
  StopHandler stop_handler_;
  bool failed_ = false;
};

void Rehearsal::fail(const std::string& text, const char* file, int line) {
  failed_ = true;
  testing::internal::AssertHelper(testing::TestPartResult::kNonFatalFailure, file, line,
                                  text.c_str()) = testing::Message();
}

void Rehearsal::skip(const std::string& why) const {
  testing::internal::AssertHelper(testing::TestPartResult::kSkip, test_.file, test_.line,
                                  why.c_str()) = testing::Message();
}

std::string Rehearsal::seed_command(std::uint64_t seed, std::uint64_t runs) const {
  return fmt::format("REHEARSAL_SEED={} REHEARSAL_RUNS={} REHEARSAL_POLICY={} {}", seed, runs,
                     options_.policy, test_command(test_.name));
}

void Rehearsal::run() {
  if (demands_.replay) {
    if (const std::optional<simnet::Schedule> schedule = parse_replay()) {
      replay(*schedule);
    }
    return;
  }
  if (const std::string wrong = check_policy(std::string(options_.policy)); !wrong.empty()) {
    return fail("policy in the options of the test: " + wrong);
  }
  if (own_.runs == 0) {
    return fail("runs in the options of the test: '0' is not a whole number from 1");
  }
  replay_kept();
  if (failed_) {
    return;
  }
  if (const std::optional<SearchPlan> plan = SearchPlan::parse(options_.policy)) {
    return search(*plan);
  }
  policy_ = *simnet::NamedPolicy::parse(options_.policy);
  if (policy_.own() && !scenario_.own_policy) {
    return fail("policy 'own' needs own_policy in the options of the test");
  }
  run_seeds();
}

// Starts the run as the sweep does, without the runs before it that crash.
StartsRun Rehearsal::starts_seed(std::uint64_t seed) const {
  const simnet::SeededRun how{seed, policy_};
  Capture nothing_said;
  return [how, crashed = crashes_before(nothing_said.watch(scenario_), how)](
             const simnet::Scenario& watched, simnet::RunWatchers watchers) {
    return harness::run_seed(watched, how, crashed, watchers);
  };
}

TestRun Rehearsal::run_schedule(const simnet::Schedule& schedule) {
  CallsReached reached(demands_.reach.value_or(0));
  return run_test(scenario_, schedule.data_seed,
                  [&](const simnet::Scenario& watched, simnet::RunWatchers watchers) {
                    std::vector<simnet::RunWatcher*> all(watchers.begin(), watchers.end());
                    all.push_back(&reached);
                    return simnet::replay_scenario(watched, schedule, all);
                  });
}

// Also looks for lost memory, in this run and, if it crashes, in those that report it.
TestRun Rehearsal::run_schedule_for_leaks(const simnet::Schedule& schedule) {
  scenario_.judge = crash_if_leaked;
  TestRun run = run_schedule(schedule);
  if (!run.outcome.failure || run.outcome.failure->kind != simnet::FailureKind::crash) {
    scenario_.judge = nullptr;
  }
  return run;
}

// Runs the seeds in worker processes until one fails. GoogleTest does not see what fails in them.
SweptTest Rehearsal::sweep_seeds() {
  Capture nothing_said;
  const simnet::Scenario watched = nothing_said.watch(scenario_);
  TestSweep sweep;
  sweep.work.policy = policy_;
  sweep.work.seeds = {options_.seed, options_.seed + (options_.runs - 1)};
  sweep.work.command = [this](std::uint64_t seed) { return seed_command(seed); };
  sweep.jobs = demands_.jobs.value_or(cores_at_hand());
  sweep.budget = std::chrono::seconds(options_.seconds);
  sweep.on_wait = [this](std::uint64_t seed) { note_seed(seed); };
  return is_debugged() ? sweep_here(watched, sweep) : sweep_test(watched, sweep);
}

// Sets what a signal prints that ends this process.
void Rehearsal::note_seed(std::uint64_t seed) {
  stop_handler_.set(
      last_words(test_.name + " was running seed " + std::to_string(seed), seed_command(seed)));
}

void Rehearsal::run_seeds() {
  SweptTest swept = sweep_seeds();
  if (swept.leaked && !swept.finding && !swept.first_differs) {
    scenario_.judge = crash_if_leaked;  // slow, so only to find the run that loses memory
    swept = sweep_seeds();
  }
  if (swept.first_differs) {
    return report_differing_seed(options_.seed, {});
  }
  if (swept.finding) {
    return found(*swept.finding);
  }
  const simnet::Tally& tally = swept.tally;
  record(tally.runs, options_.seed);
  Test::RecordProperty("digest", fmt::format("{:016x}", tally.digest));
  for (const std::string& note : tally.notes()) {
    fmt::print("{}: {}\n", test_.name, note);
  }
  if (tally.runs < options_.runs) {
    fmt::print(
        "{}: the time limit of {} ended the test after {} of {} runs. Repeat them with:\n{}\n",
        test_.name, counted(options_.seconds, "second"), grouped(tally.runs),
        grouped(options_.runs), seed_command(options_.seed, tally.runs));
  }
  // With fewer runs than the test asks for, a rare fault may well not fire.
  if (tally.runs >= own_.runs) {
    fail_missing(policy_.nominal() ? tally.unreached() : tally.missing(scenario_), tally.runs);
  }
}

void Rehearsal::found(const Finding& finding) {
  const std::uint64_t runs = finding.seed - options_.seed + 1;
  record(runs, finding.seed);
  note_seed(finding.seed);
  const StartsRun start = starts_seed(finding.seed);
  const TestRun run = run_test(scenario_, finding.seed, start);
  if (!run.skipped.empty()) {
    return skip(run.skipped);
  }
  const bool same =
      finding.digest
          ? run.outcome.failure && run.outcome.failure->to_string() == finding.what &&
                run.outcome.digest == *finding.digest
          : run.outcome.failure && run.outcome.failure->kind == simnet::FailureKind::crash;
  if (!same) {
    DifferingRuns differing;
    differing.first.outcome = {simnet::Failure{simnet::FailureKind::property, finding.what, {}},
                               {},
                               0,
                               finding.digest.value_or(0)};
    differing.first.what = finding.what + '\n' + finding.errors;
    differing.second = run;
    return report_differing_seed(finding.seed, std::move(differing));
  }
  // A run that fails again may still be different.
  if (const DifferingRuns twice = compare_after_itself(scenario_, start); twice.differ()) {
    return fail(differing_runs_text(test_.name, "seed " + std::to_string(finding.seed), twice) +
                seed_command(finding.seed) + '\n');
  }
  FailureText text;
  // A run that begins as an earlier one, whose data seed it has, is of the mix alone.
  text.found = fmt::format(
      "run {} of {} (seed {}, policy {})", runs, options_.runs, finding.seed,
      run.schedule.data_seed == finding.seed ? policy_.of(finding.seed).to_string() : "mix");
  text.otherwise = seed_command(finding.seed);
  shrink_and_report(run, std::move(text));
}

// The difference may come from what any earlier run of the test left. `found` is what is known of
// the run that differs if it does not differ again.
void Rehearsal::report_differing_seed(std::uint64_t seed, DifferingRuns found) {
  std::optional<simnet::SeedRuns> sweep;  // once `earlier` was called, in its process
  const StartsRun start = [&, alone = starts_seed(seed)](const simnet::Scenario& watched,
                                                         simnet::RunWatchers watchers) {
    return sweep ? sweep->run(seed, watchers) : alone(watched, watchers);
  };
  const auto earlier = [&](const simnet::Scenario& watched) {
    sweep.emplace(watched, policy_);
    std::ignore = sweep->run(options_.seed);  // the first one is done twice
    for (std::uint64_t one = options_.seed; one < seed; ++one) {
      std::ignore = sweep->run(one);
    }
  };
  DifferingRuns runs = compare_after_itself(scenario_, start);
  if (!runs.differ() && seed != options_.seed) {
    runs = compare_runs(scenario_, start, earlier);
  }
  fail(differing_runs_text(test_.name, "seed " + std::to_string(seed),
                           runs.differ() ? runs : found) +
       seed_command(options_.seed, seed - options_.seed + 1) + '\n');
}

void Rehearsal::record(std::uint64_t runs, std::uint64_t seed) const {
  Test::RecordProperty("runs", std::to_string(runs));
  Test::RecordProperty("policy", std::string(options_.policy));
  Test::RecordProperty("seed", std::to_string(seed));
}

void Rehearsal::fail_missing(const std::vector<std::string>& missing, std::uint64_t runs) {
  for (const std::string& line : missing) {
    fail(line + ", in " + counted(runs, "run"));
  }
}

// A search tells schedules apart by their events, so it does not notice nondeterminism. Therefore
// the default run is done twice before it.
void Rehearsal::search(SearchPlan plan) {
  plan.runs = options_.runs;
  plan.data_seed = options_.seed;
  stop_handler_.set(last_words(test_.name + " was searching its schedules",
                               seed_command(plan.data_seed, options_.runs)));
  const simnet::Schedule nominal{test_.name, plan.data_seed, {}};
  const StartsRun start = [&](const simnet::Scenario& watched, simnet::RunWatchers watchers) {
    return simnet::replay_scenario(watched, nominal, watchers);
  };
  if (const DifferingRuns runs = compare_after_itself(scenario_, start); runs.differ()) {
    return fail(differing_runs_text(test_.name, "seed " + std::to_string(plan.data_seed), runs) +
                seed_command(plan.data_seed, options_.runs) + '\n');
  }
  plan.budget = std::chrono::seconds(options_.seconds);
  SearchInChild::Result result;
  {
    Capture nothing_said;
    const simnet::Scenario watched = nothing_said.watch(scenario_);
    if (is_debugged()) {
      result.searched = searched(plan.search(watched, {}));
    } else {
      result = SearchInChild(watched, plan).run();
    }
  }
  FailureText text;
  text.otherwise = seed_command(plan.data_seed, options_.runs);
  if (result.crashed != 0) {
    record(result.crashed, plan.data_seed);
    text.found = fmt::format("run {} of a search (policy {})", result.crashed, options_.policy);
    return shrink_and_report(run_schedule(result.schedule), std::move(text));
  }
  const Searched& found = *result.searched;
  record(found.runs, plan.data_seed);
  if (!found.failure) {
    return conclude(found);
  }
  const TestRun run = run_schedule({test_.name, plan.data_seed, found.failure->outcome.deviated});
  if (!run.skipped.empty()) {
    return skip(run.skipped);
  }
  Test::RecordProperty("search", found.said);
  fmt::print("{}: {}\n", test_.name, found.said);
  text.found = fmt::format("run {} of a search (policy {})", found.runs, options_.policy);
  shrink_and_report(run, std::move(text));
}

// Prints and judges a search in which no run failed.
void Rehearsal::conclude(const Searched& found) {
  Test::RecordProperty("search", found.said);
  const bool late = found.end == simnet::SearchEnd::interrupted;
  fmt::print("{}: {}{}\n", test_.name, found.said,
             late ? " after " + counted(options_.seconds, "second") : "");
  for (const std::string& note : found.notes) {
    fmt::print("{}: {}\n", test_.name, note);
  }
  if ((!late && found.end != simnet::SearchEnd::runs) || found.runs >= own_.runs) {
    fail_missing(found.unreached, found.runs);
  }
}

void Rehearsal::shrink_and_report(const TestRun& found, FailureText text) {
  simnet::ShrinkBound bound = options_.shrink;
  simnet::Shrunk shrunk;
  {
    stop_handler_.set(last_words(test_.name + " was shrinking a failure", text.otherwise));
    Capture nothing_said;
    const simnet::Scenario watched = nothing_said.watch(scenario_);
    shrunk = Attempts(watched).shrink(found.schedule, bound);
  }
  text.test = test_.name;
  if (!shrunk.failure) {
    const StartsRun start = [&](const simnet::Scenario& watched, simnet::RunWatchers watchers) {
      return simnet::replay_scenario(watched, found.schedule, watchers);
    };
    DifferingRuns runs = compare_after_itself(scenario_, start);
    if (!runs.differ()) {
      runs.first = found;
    }
    return fail(differing_runs_text(test_.name, "the schedule of a failure", runs) +
                text.otherwise + '\n');
  }
  text.shrunk = &shrunk;
  text.shrunk_within = bound;
  report(text, run_schedule(shrunk.schedule));
}

void Rehearsal::report(const FailureText& text, const TestRun& run) {
  stop_handler_.set(last_words(test_.name + " was writing the report of a failure",
                               replay_command(run.schedule)));
  write_trace(run.schedule);
  Test::RecordProperty("schedule", run.schedule.to_string());
  Test::RecordProperty("digest", fmt::format("{:016x}", run.outcome.digest));
  Test::RecordProperty("kind", std::string(name(run.outcome.failure->kind)));
  FailureText whole = text;
  whole.traces = demands_.traces.value_or(test_.traces);
  const bool known = !run.failed.empty();
  const std::string said = to_string(whole, scenario_, run);
  fail(said, known ? run.failed.front().file.c_str() : test_.file,
       known ? run.failed.front().line : test_.line);
}

void Rehearsal::write_trace(const simnet::Schedule& schedule) {
  if (!demands_.write_trace) {
    return;
  }
  Capture nothing_said;
  const std::string wrong =
      harness::write_trace(nothing_said.watch(scenario_), schedule, *demands_.write_trace);
  fmt::print("{}\n", wrong.empty() ? "trace written to " + *demands_.write_trace
                                   : "REHEARSAL_WRITE_TRACE: " + wrong);
}

// Returns nothing, and skips the test, if the schedule is of another test.
std::optional<simnet::Schedule> Rehearsal::parse_replay() {
  // The line is valid: it was checked before the first test.
  const auto schedule = std::get<simnet::Schedule>(simnet::parse_schedule(*demands_.replay));
  if (schedule.scenario != test_.name) {
    skip("REHEARSAL_REPLAY names the test " + schedule.scenario);
    return std::nullopt;
  }
  return schedule;
}

// Replaces this process by gdb, which runs this program again and replays the schedule.
void Rehearsal::replay_under_gdb(const simnet::Schedule& schedule) {
  std::uint64_t step = demands_.reach.value_or(0);
  if (step == 0) {
    Capture nothing_said;
    step = length_of(nothing_said.watch(scenario_), schedule).end.step;
  }
  std::vector<std::string> arguments = program_arguments();
  arguments.emplace_back("--rehearsal_gdb=0");  // overrides the variable and an earlier flag
  arguments.push_back("--rehearsal_reach=" + std::to_string(step));
  fail("REHEARSAL_GDB: " + run_under_gdb(arguments));
}

void Rehearsal::replay(const simnet::Schedule& schedule) {
  if (demands_.gdb.value_or(0) != 0) {
    return replay_under_gdb(schedule);
  }
  stop_handler_.set(last_words(test_.name + " was running a schedule", replay_command(schedule)));
  const TestRun run = run_schedule_for_leaks(schedule);
  if (!run.skipped.empty()) {
    return skip(run.skipped);
  }
  if (!run.outcome.failure || run.outcome.failure->kind != simnet::FailureKind::crash) {
    std::fputs(run.errors.c_str(), stderr);  // the report of a crash has them
  }
  if (demands_.keep) {
    keep(schedule, run);
  }
  Test::RecordProperty("runs", "1");
  if (run.outcome.failure) {
    FailureText text;
    text.test = test_.name;
    text.found = "the replay of a schedule";
    return demands_.shrink_tried ? shrink_and_report(run, std::move(text)) : report(text, run);
  }
  write_trace(schedule);
  Test::RecordProperty("schedule", run.schedule.to_string());
  Test::RecordProperty("digest", fmt::format("{:016x}", run.outcome.digest));
  if (const auto missing = not_applied(schedule, run.outcome); !missing.empty()) {
    std::fputs(not_applied_text(missing).c_str(), stdout);
  }
  std::fputs(run.what.c_str(), stdout);
}

void Rehearsal::keep(const simnet::Schedule& schedule, const TestRun& run) {
  const std::string folder = demands_.traces.value_or(test_.traces);
  if (folder.empty()) {
    return fail("REHEARSAL_KEEP: no folder of kept schedules; set REHEARSAL_TRACES");
  }
  if (const auto missing = not_applied(schedule, run.outcome); !missing.empty()) {
    return fail("REHEARSAL_KEEP: nothing kept; " + not_applied_text(missing));
  }
  const std::string file = simnet::kept_file(folder, *demands_.keep);
  const std::string wrong = simnet::write_kept(file, {schedule, run.outcome.failure, false});
  if (!wrong.empty()) {
    return fail("REHEARSAL_KEEP: " + wrong);
  }
  std::fputs(("kept in " + file + "\n").c_str(), stdout);
}

// Replays every kept schedule of this test.
void Rehearsal::replay_kept() {
  const std::string folder = demands_.traces.value_or(test_.traces);
  if (folder.empty()) {
    return;
  }
  const auto files = simnet::kept_files(folder);
  if (const auto* error = std::get_if<simnet::KeptError>(&files)) {
    return fail(error->to_string());
  }
  for (const std::string& file : std::get<std::vector<std::string>>(files)) {
    replay_kept(file);
  }
}

void Rehearsal::replay_kept(const std::string& file) {
  const auto read = simnet::read_kept(file);
  if (const auto* error = std::get_if<simnet::KeptError>(&read)) {
    return fail(error->to_string());
  }
  const auto& kept = std::get<simnet::KeptSchedule>(read);
  if (kept.schedule.scenario != test_.name) {
    if (!is_test_of_this_program(kept.schedule.scenario)) {
      fail(file + ": line 1: unknown test '" + kept.schedule.scenario + "'");
    }
    return;
  }
  stop_handler_.set(last_words(test_.name + " was running the kept schedule " + file,
                               replay_command(kept.schedule)));
  const TestRun run = run_schedule_for_leaks(kept.schedule);
  const simnet::KeptJudgement judgement =
      simnet::judge_kept(file, kept, run.outcome.failure, not_applied(kept.schedule, run.outcome));
  if (judgement.verdict == simnet::KeptVerdict::failed) {
    FailureText text;
    text.test = test_.name;
    text.found = "the kept schedule " + file;
    report(text, run);
  } else if (judgement.verdict != simnet::KeptVerdict::as_expected) {
    fail(judgement.said);
  }
}

}  // namespace

void rehearse(const RehearsedTest& test, const RehearseOptions& options) {
  Rehearsal(test, options, process_demands()).run();
}
void rehearse(const WrittenTest& test, const RehearseOptions& options) {
  rehearse(RehearsedTest{test.name, test.file, test.line, test.traces, test.body}, options);
}
void rehearse(const WrittenTest& test) { rehearse(test, RehearseOptions()); }

}  // namespace rehearsal::harness
