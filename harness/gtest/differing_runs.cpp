#include "harness/gtest/differing_runs.hpp"

#include <array>
#include <optional>
#include <sstream>
#include <tuple>
#include <utility>
#include <variant>

#include <fmt/format.h>

#include "harness/gtest/capture.hpp"
#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/child.hpp"
#include "harness/process/run_log.hpp"
#include "harness/report/trace_files.hpp"
#include "harness/run_text.hpp"
#include "simnet/search/nondeterminism.hpp"
#include "simnet/trace/trace_diff.hpp"
#include "simnet/trace/trace_reader.hpp"
#include "simnet/trace/trace_recorder.hpp"

namespace rehearsal::harness {
namespace {

struct TracedRun {
  TestRun run;
  std::string trace;
};

// Calls `before` in a new process, then does the run there.
TracedRun run_traced(const simnet::Scenario& scenario, const StartsRun& start,
                     const std::function<void(const simnet::Scenario& watched)>& before) {
  const auto body = [&](const Parent& parent) {
    RunLog log;
    log.keep(false);
    Capture capture;
    const simnet::Scenario watched = capture.watch(scenario);
    before(watched);
    std::ostringstream trace;
    simnet::TraceRecorder recorder(trace, {});
    const std::array<simnet::RunWatcher*, 1> watchers = {&recorder};
    TestRun run = finished(capture, start(watched, watchers));
    parent.tell(RunEnded{std::move(run.outcome), 0, std::move(run.what)});
    parent.tell(Logs{trace.str()});
  };
  TracedRun traced;
  bool ended = false;
  const ChildEnd end = run_in_child(body, [&](Message& message) {
    if (auto* run = std::get_if<RunEnded>(&message)) {
      ended = true;
      traced.run.outcome = std::move(run->outcome);
      traced.run.what = std::move(run->what);
    } else {
      traced.trace = std::move(std::get<Logs>(message).line);
    }
  });
  if (!ended) {
    traced.run.outcome.failure = crash(end);
    traced.run.what = crash_text(end);
  }
  return traced;
}

// Returns the lines about the first event that differs, or an empty string if no event does.
std::string difference_of(const std::string& first, const std::string& second) {
  std::istringstream first_in(first);
  std::istringstream second_in(second);
  simnet::TraceReader left(first_in);
  simnet::TraceReader right(second_in);
  const simnet::TraceComparison found = simnet::diff(left, right);
  const auto* difference = std::get_if<simnet::TraceDifference>(&found);
  if (difference == nullptr) {
    return {};
  }
  return fmt::format("  first:  {}\n  second: {}\n",
                     record_line(difference->index, difference->left.record),
                     record_line(difference->index, difference->right.record));
}

std::string end_of(const TestRun& run) {
  return (run.outcome.failure ? "fails: " + run.outcome.failure->to_string() : "passes") +
         fmt::format(", digest {:016x}, {}\n", run.outcome.digest,
                     counted(run.outcome.steps, "step"));
}

// Returns what the second run does otherwise.
std::string_view otherwise(const DifferingRuns& runs) {
  if (runs.second.outcome.failure != runs.first.outcome.failure) {
    return runs.second.outcome.failure ? "fails differently" : "passes";
  }
  return "has another digest";
}

}  // namespace

bool DifferingRuns::differ() const {
  return first.outcome.digest != second.outcome.digest ||
         first.outcome.failure != second.outcome.failure;
}

DifferingRuns compare_runs(const simnet::Scenario& scenario, const StartsRun& start,
                           const std::function<void(const simnet::Scenario& watched)>& before) {
  TracedRun first = run_traced(scenario, start, [](const simnet::Scenario&) {});
  TracedRun second = run_traced(scenario, start, before);
  return {std::move(first.run), std::move(second.run), difference_of(first.trace, second.trace)};
}

DifferingRuns compare_after_itself(const simnet::Scenario& scenario, const StartsRun& start) {
  return compare_runs(scenario, start,
                      [&](const simnet::Scenario& watched) { std::ignore = start(watched, {}); });
}

std::string differing_runs_text(const std::string& test, const std::string& what,
                                const DifferingRuns& runs) {
  std::string text = test + " is not deterministic: two runs of " + what +
                     " differ.\n  first:  " + end_of(runs.first) +
                     "  second: " + end_of(runs.second) +
                     simnet::nondeterminism_text(otherwise(runs)) + '\n';
  text += runs.difference.empty()
              ? "The first event that differs is unknown: it did not happen again with traces.\n"
              : "The first event that differs:\n" + runs.difference;
  const TestRun& failing = runs.first.outcome.failure ? runs.first : runs.second;
  if (failing.outcome.failure) {
    text += (runs.first.outcome.failure == runs.second.outcome.failure ? "Both runs fail:\n"
                                                                       : "One of them fails:\n") +
            indented(failing.what, "  ");
  }
  return text + "Reproduce it with:\n";
}

}  // namespace rehearsal::harness
