#include "harness/gtest/failure_text.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "harness/flags.hpp"
#include "harness/gtest/settings.hpp"
#include "harness/number_text.hpp"
#include "harness/report/explanation.hpp"
#include "harness/run_text.hpp"
#include "simnet/search/kept.hpp"
#include "simnet/search/nondeterminism.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::size_t most_listed = 20;  // deviations

// Returns the command that resumes shrinking.
std::string resuming(const simnet::Shrunk& shrunk, const simnet::ShrinkBound& bound) {
  if (!fits_a_shell(shrunk.schedule.to_string())) {
    return std::string(too_long_for_a_shell);
  }
  return "REHEARSAL_SHRINK_RUNS=" + std::to_string(resuming_runs(bound)) +
         " REHEARSAL_SHRINK_TRIED=" + std::to_string(shrunk.tried) + ' ' +
         replay_command(shrunk.schedule);
}

std::string shrinking(const simnet::Shrunk& shrunk, const simnet::ShrinkBound& bound) {
  if (!shrunk.failure) {
    return simnet::nondeterminism_text("passes") + '\n';
  }
  return "Shrunk " + shrunk_text(shrunk) +
         (shrunk.minimal ? ".\n" : '\n' + resuming(shrunk, bound) + '\n');
}

// Returns the failed expectations, then the other failures of the world.
std::string what_failed(const CapturedRun& run) {
  std::string text;
  for (const Expectation& expectation : run.failed) {
    text += expectation.file + ':' + std::to_string(expectation.line) + ": " +
            (expectation.when.empty() ? "after the run" : expectation.when) + '\n' +
            indented(expectation.message, "  ");
  }
  if (run.failed.empty() && run.failure && run.result.report.failures.empty()) {
    text += run.failure->what + '\n';
  }
  for (const simnet::Failure& failure : run.result.report.failures) {
    const bool is_told = std::ranges::any_of(run.failed, [&](const Expectation& expectation) {
      return expectation.failure() == failure;
    });
    text += is_told ? std::string() : failure.to_string() + '\n';
  }
  return text;
}

// Returns what the second of two runs does otherwise than the first.
std::string difference(const CapturedRun& first, const CapturedRun& second) {
  if (second.failure != first.failure) {
    return second.failure ? "fails differently" : "passes";
  }
  return "has another digest";
}

bool fails_again(const FailureText& text) { return text.shrunk == nullptr || text.shrunk->failure; }

// Returns the commands that reproduce the failure, run it in gdb, and keep it.
std::string how_to_see_it(const FailureText& text, const simnet::Schedule& schedule) {
  const bool replays = fails_again(text) && fits_a_shell(schedule.to_string());
  const std::string command = replays ? replay_command(schedule) : text.otherwise;
  std::string said = command + '\n';
  said += replays ? "  Set REHEARSAL_GDB=1 as well to stop in gdb as the last step begins.\n" : "";
  if (!text.traces.empty() && replays) {
    said += "  Save it as a regression test:\nREHEARSAL_KEEP=" +
            shell_quoted(simnet::kept_name(schedule)) + ' ' + command + '\n';
  }
  return said;
}

std::string explained(const FailureText& text, const simnet::Scenario& scenario,
                      const CapturedRun& run) {
  Capture nothing_said;
  simnet::RunWatcher* const watcher = &nothing_said;
  ExplainOptions options = for_stdout();
  options.bold = false;  // the text is also in the XML
  options.what = what_failed(run);
  options.again = how_to_see_it(text, run.result.schedule);
  options.watchers = {&watcher, 1};
  if (run.result.report.ok()) {
    // It failed after its world ended, which a continuation would not notice.
    options.continuations.runs = 0;
  }
  return explain(scenario, run.result.schedule, *run.failure, options);
}

}  // namespace

std::string test_command(const std::string& test) {
  return shell_quoted(program_path()) + " --gtest_filter=" + shell_quoted(test);
}

std::string replay_command(const simnet::Schedule& schedule) {
  return "REHEARSAL_REPLAY=" + shell_quoted(schedule.to_string()) + ' ' +
         test_command(schedule.scenario);
}

std::string last_words(const std::string& what, const std::string& command) {
  return '\n' + what + ". Reproduce it with:\n" + command + '\n';
}

std::string not_applied_text(const std::vector<simnet::Deviation>& not_applied) {
  std::string text = "not applied:\n";
  for (std::size_t i = 0; i < std::min(not_applied.size(), most_listed); ++i) {
    text += "  " + not_applied[i].to_string() + '\n';
  }
  return text + "the schedule is stale: this run makes no such choices\n";
}

std::string differing_runs_text(const std::string& test, std::uint64_t seed,
                                const CapturedRun& first, const CapturedRun& second) {
  const auto end = [](const CapturedRun& run) {
    return (run.failure ? "fails: " + run.failure->to_string() : "passes") + ", digest " +
           fmt::format("{:016x}", run.result.report.digest) + ", " +
           counted(run.result.report.steps, "step") + '\n';
  };
  return test + " is not deterministic: two runs of seed " + std::to_string(seed) +
         " differ.\n  first:  " + end(first) + "  second: " + end(second) +
         simnet::nondeterminism_text(difference(first, second)) + '\n' + "Reproduce it with:\n";
}

std::string to_string(const FailureText& text, const simnet::Scenario& scenario,
                      const CapturedRun& run) {
  std::string said = text.test + " failed in " + text.found + ".\n";
  if (text.shrunk != nullptr) {
    said += shrinking(*text.shrunk, text.shrunk_within);
  }
  said += fmt::format("Digest: {:016x}\n", run.result.report.digest);
  if (fails_again(text)) {
    return said + explained(text, scenario, run);
  }
  return said + "\nFailure\n" + indented(what_failed(run), "  ") + "\nReproduce\n" +
         how_to_see_it(text, run.result.schedule);
}

}  // namespace rehearsal::harness
