#include "harness/gtest/rehearse.hpp"

#include <chrono>
#include <cstdio>
#include <optional>
#include <string_view>
#include <tuple>
#include <utility>
#include <variant>
#include <vector>

#include <fmt/format.h>

#include "harness/gtest/capture.hpp"
#include "harness/gtest/crash_handler.hpp"
#include "harness/gtest/failure_text.hpp"
#include "harness/gtest/test_search.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/gdb.hpp"
#include "harness/run_text.hpp"
#include "realnet/clock.hpp"
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

class Rehearsal {
 public:
  Rehearsal(const RehearsedTest& test, const RehearseOptions& options, const Demands& demands)
      : test_(test),
        own_(options),
        options_(demands.over(options)),
        demands_(demands),
        scenario_(scenario_of(test, options)) {}

  void run();

 private:
  [[nodiscard]] std::optional<simnet::Schedule> parse_replay();
  void replay(const simnet::Schedule& schedule);
  void replay_under_gdb(const simnet::Schedule& schedule);
  void keep(const simnet::Schedule& schedule, const CapturedRun& run);
  void replay_kept();
  void replay_kept(const std::string& file);
  void run_seeds();
  void search(SearchPlan plan);
  [[nodiscard]] CapturedRun run_seed(std::uint64_t seed, bool records);
  [[nodiscard]] CapturedRun run_schedule(const simnet::Schedule& schedule);
  [[nodiscard]] bool repeats(std::uint64_t seed, const CapturedRun& run, const CapturedRun& again);
  void shrink_and_report(std::uint64_t seed, const CapturedRun& found);
  void shrink_and_report(const CapturedRun& recorded, FailureText text);
  void finish();
  void fail_missing(const std::vector<std::string>& missing, std::uint64_t runs);
  void record(std::uint64_t runs, std::uint64_t seed) const;
  void report(const FailureText& text, const CapturedRun& run);
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
  std::optional<simnet::SeedRuns> runs_;
  simnet::Tally tally_;
  CrashHandler crash_handler_;
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

CapturedRun Rehearsal::run_seed(std::uint64_t seed, bool records) {
  const auto name_in_crash = [this](std::uint64_t running) {
    crash_handler_.set(last_words(test_.name + " was running seed " + std::to_string(running),
                                  seed_command(running)));
  };
  name_in_crash(seed);
  if (!runs_) {
    runs_.emplace(scenario_, policy_);
  }
  {
    const Capture nothing_said;
    while (const std::optional<std::uint64_t> earlier = runs_->needed_before(seed)) {
      name_in_crash(*earlier);
      std::ignore = runs_->run(*earlier);
    }
  }
  name_in_crash(seed);
  return captured([&](simnet::RunWatchers watchers) { return runs_->run(seed, watchers); },
                  records);
}

CapturedRun Rehearsal::run_schedule(const simnet::Schedule& schedule) {
  crash_handler_.set(last_words(test_.name + " was running a schedule", replay_command(schedule)));
  CallsReached reached(demands_.reach.value_or(0));
  return captured([&](simnet::RunWatchers watchers) {
    std::vector<simnet::RunWatcher*> all(watchers.begin(), watchers.end());
    all.push_back(&reached);
    return simnet::replay_scenario(scenario_, schedule, all);
  });
}

void Rehearsal::run_seeds() {
  const sched::Instant start = realnet::monotonic_now();
  for (std::uint64_t i = 0; i < options_.runs; ++i) {
    if (i != 0 && options_.seconds != 0 &&
        realnet::monotonic_now() - start >= std::chrono::seconds(options_.seconds)) {
      break;
    }
    const std::uint64_t seed = options_.seed + i;
    const CapturedRun run = run_seed(seed, false);
    if (!run.skipped.empty()) {
      return skip(run.skipped);
    }
    tally_.add(run.result);
    if (run.failure) {
      return shrink_and_report(seed, run);
    }
    if (i == 0 && !repeats(seed, run, run_seed(seed, false))) {
      return;
    }
  }
  finish();
}

bool Rehearsal::repeats(std::uint64_t seed, const CapturedRun& run, const CapturedRun& again) {
  const bool same =
      again.result.report.digest == run.result.report.digest && again.failure == run.failure;
  if (!same) {
    fail(differing_runs_text(test_.name, seed, run, again) + seed_command(seed) + '\n');
  }
  return same;
}

void Rehearsal::record(std::uint64_t runs, std::uint64_t seed) const {
  Test::RecordProperty("runs", std::to_string(runs));
  Test::RecordProperty("policy", std::string(options_.policy));
  Test::RecordProperty("seed", std::to_string(seed));
}

void Rehearsal::finish() {
  record(tally_.runs, options_.seed);
  Test::RecordProperty("digest", fmt::format("{:016x}", tally_.digest));
  for (const std::string& note : tally_.notes()) {
    fmt::print("{}: {}\n", test_.name, note);
  }
  // With fewer runs than the test asks for, a rare fault may well not fire.
  if (tally_.runs >= own_.runs) {
    fail_missing(policy_.nominal() ? tally_.unreached() : tally_.missing(scenario_), tally_.runs);
  }
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
  const simnet::Schedule nominal{test_.name, plan.data_seed, {}};
  const CapturedRun first = run_schedule(nominal);
  if (!first.skipped.empty()) {
    return skip(first.skipped);
  }
  if (!repeats(plan.data_seed, first, run_schedule(nominal))) {
    return;
  }
  crash_handler_.set(last_words(test_.name + " was searching its schedules",
                                seed_command(plan.data_seed, options_.runs)));
  const SearchedTest searched =
      search_test(scenario_, plan, std::chrono::seconds(options_.seconds));
  if (!searched.skipped.empty()) {
    return skip(searched.skipped);
  }
  const simnet::SearchReport& report = searched.report;
  record(report.runs, plan.data_seed);
  Test::RecordProperty("search", report.to_string());
  fmt::print("{}: {}{}\n", test_.name, report.to_string(),
             report.end == simnet::SearchEnd::interrupted && !searched.failing
                 ? " after " + counted(options_.seconds, "second")
                 : "");
  if (!searched.failing) {
    for (const std::string& note : report.notes) {
      fmt::print("{}: {}\n", test_.name, note);
    }
    const bool stopped =
        report.end == simnet::SearchEnd::interrupted || report.end == simnet::SearchEnd::runs;
    if (!stopped || report.runs >= own_.runs) {
      fail_missing(report.unreached, report.runs);
    }
    return;
  }
  FailureText text;
  text.found = fmt::format("run {} of a search (policy {})", report.runs, options_.policy);
  text.otherwise = seed_command(plan.data_seed, options_.runs);
  shrink_and_report(run_schedule(*searched.failing), std::move(text));
}

void Rehearsal::shrink_and_report(std::uint64_t seed, const CapturedRun& found) {
  const CapturedRun recorded = run_seed(seed, true);
  if (!repeats(seed, found, recorded)) {
    return;
  }
  record(tally_.runs, seed);
  FailureText text;
  text.found =
      fmt::format("run {} of {} (seed {}, policy {})", tally_.runs,
                  options_.runs == ~std::uint64_t{0} ? "many" : std::to_string(options_.runs), seed,
                  runs_->branched() ? "mix" : policy_.of(seed).to_string());
  text.otherwise = seed_command(seed);
  shrink_and_report(recorded, std::move(text));
}

void Rehearsal::shrink_and_report(const CapturedRun& recorded, FailureText text) {
  simnet::ShrinkBound bound = options_.shrink;
  bound.rates = scenario_.rates;
  const simnet::Shrunk shrunk = shrink(
      recorded.result.schedule,
      [this](const simnet::Schedule& schedule) { return run_schedule(schedule).outcome(); }, bound);
  text.test = test_.name;
  text.shrunk = &shrunk;
  text.shrunk_within = bound;
  report(text, shrunk.failure ? run_schedule(shrunk.schedule) : recorded);
}

void Rehearsal::report(const FailureText& text, const CapturedRun& run) {
  crash_handler_.set(last_words(test_.name + " was writing the report of a failure",
                                replay_command(run.result.schedule)));
  Test::RecordProperty("schedule", run.result.schedule.to_string());
  Test::RecordProperty("digest", fmt::format("{:016x}", run.result.report.digest));
  if (run.failure) {
    Test::RecordProperty("kind", std::string(name(run.failure->kind)));
  }
  FailureText whole = text;
  whole.traces = demands_.traces.value_or(test_.traces);
  const bool known = !run.failed.empty();
  const std::string said = to_string(whole, scenario_, run);
  crash_handler_.set("");
  fail(said, known ? run.failed.front().file.c_str() : test_.file,
       known ? run.failed.front().line : test_.line);
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
  std::uint64_t step = 0;
  {
    Capture nothing_said;
    step = length_of(watched_by(nothing_said, scenario_), schedule).end.step;
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
  const CapturedRun run = run_schedule(schedule);
  if (!run.skipped.empty()) {
    return skip(run.skipped);
  }
  if (demands_.keep) {
    keep(schedule, run);
  }
  Test::RecordProperty("runs", "1");
  if (run.failure) {
    FailureText text;
    text.test = test_.name;
    text.found = "the replay of a schedule";
    return demands_.shrink_tried ? shrink_and_report(run, std::move(text)) : report(text, run);
  }
  Test::RecordProperty("schedule", run.result.schedule.to_string());
  Test::RecordProperty("digest", fmt::format("{:016x}", run.result.report.digest));
  if (!run.result.not_applied.empty()) {
    std::fputs(not_applied_text(run.result.not_applied).c_str(), stdout);
  }
  std::fputs(unreached_text(run.result).c_str(), stdout);
}

void Rehearsal::keep(const simnet::Schedule& schedule, const CapturedRun& run) {
  const std::string folder = demands_.traces.value_or(test_.traces);
  if (folder.empty()) {
    return fail("REHEARSAL_KEEP: no folder of kept schedules; set REHEARSAL_TRACES");
  }
  if (!run.result.not_applied.empty()) {
    return fail("REHEARSAL_KEEP: nothing kept; " + not_applied_text(run.result.not_applied));
  }
  const std::string file = simnet::kept_file(folder, *demands_.keep);
  const std::string wrong = simnet::write_kept(file, {schedule, run.failure, false});
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
  const CapturedRun run = run_schedule(kept.schedule);
  const simnet::KeptJudgement judgement =
      simnet::judge_kept(file, kept, run.failure, run.result.not_applied);
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
