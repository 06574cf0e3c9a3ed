#include "harness/gtest/test_run.hpp"

#include <algorithm>
#include <array>
#include <fstream>
#include <utility>

#include "harness/gtest/capture.hpp"
#include "harness/process/attempts.hpp"
#include "harness/process/run_log.hpp"
#include "harness/run_text.hpp"

namespace rehearsal::harness {
namespace {

std::string text_of(const std::vector<Expectation>& failed) {
  std::string text;
  for (const Expectation& expectation : failed) {
    text += expectation.file + ':' + std::to_string(expectation.line) + ": " +
            (expectation.when.empty() ? "after the run" : expectation.when) + '\n' +
            indented(expectation.message, "  ");
  }
  return text;
}

// Returns the failed expectations, then the other failures of the run.
std::string what_failed(const std::vector<Expectation>& failed, const simnet::RunReport& report) {
  std::string text = text_of(failed);
  if (report.failures.empty()) {
    text += report.failure()->what + '\n';
  }
  for (const simnet::Failure& failure : report.failures) {
    const bool is_told = std::ranges::any_of(
        failed, [&](const Expectation& expectation) { return failure_of(expectation) == failure; });
    text += is_told ? std::string() : failure.to_string() + '\n';
  }
  return text;
}

}  // namespace

TestRun finished(const Capture& capture, const simnet::RunResult& result) {
  TestRun run;
  run.schedule = result.schedule;
  run.outcome = outcome_of(result);
  run.failed = capture.failed();
  run.skipped = capture.skipped();
  run.what = result.report.ok() ? unreached_text(result) : what_failed(run.failed, result.report);
  return run;
}

TestRun run_test(const simnet::Scenario& scenario, std::uint64_t data_seed,
                 const StartsRun& start) {
  if (is_debugged()) {
    Capture capture;
    return finished(capture, start(capture.watch(scenario), {}));
  }
  ChildRun child =
      run_in_child(scenario, data_seed, [&](simnet::RunWatcher& schedule, const Parent& parent) {
        RunLog log;
        log.keep(false);
        Capture capture;
        capture.listen([&parent](const Expectation& failed) { parent.tell(failed); });
        const std::array<simnet::RunWatcher*, 1> watchers = {&schedule};
        const simnet::RunResult result = start(capture.watch(scenario), watchers);
        if (!capture.skipped().empty()) {
          parent.tell(Skips{capture.skipped()});
        }
        TestRun run = finished(capture, result);
        return RunEnded{std::move(run.outcome), 0, std::move(run.what)};
      });
  TestRun run;
  run.schedule = std::move(child.schedule);
  run.failed = std::move(child.failed);
  run.skipped = child.skips.value_or("");
  run.errors = child.end.errors;
  if (child.ended) {
    run.outcome = std::move(child.ended->outcome);
    run.what = std::move(child.ended->what);
  } else {
    run.outcome = {crash(child.end), run.schedule.deviations, 0, 0};
    run.what = text_of(run.failed) + crash_text(child.end);
  }
  return run;
}

bool is_debugged() {
  std::ifstream status("/proc/self/status");
  std::string line;
  while (std::getline(status, line)) {
    constexpr std::string_view tracer = "TracerPid:\t";
    if (line.starts_with(tracer)) {
      return line.substr(tracer.size()) != "0";
    }
  }
  return false;
}

}  // namespace rehearsal::harness
