#include "harness/gtest/capture.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "harness/number_text.hpp"
#include "harness/process/attempts.hpp"
#include "simnet/choices/choices.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::size_t most_kept = 20;  // a run ends soon after its first failure

std::string when_of(const simnet::World& world) {
  const std::string at = " at " + exact(world.now().time_since_epoch());
  if (world.current() == nullptr) {
    return "in no task," + at;
  }
  const std::string task = world.current()->current_task();
  return (task.empty() ? "on host " + world.current()->name() : "in task " + task) + at;
}

}  // namespace

simnet::Failure Expectation::failure() const {
  const std::size_t folder = file.rfind('/') + 1;
  return {simnet::FailureKind::property, "an expectation failed",
          file.substr(folder) + ':' + std::to_string(line)};
}

// The base gets null instead of an array: ReportTestPartResult() handles every result.
Capture::Capture()
    : ScopedFakeTestPartResultReporter(INTERCEPT_ONLY_CURRENT_THREAD, nullptr),
      breaks_(GTEST_FLAG_GET(break_on_failure)),
      throws_(GTEST_FLAG_GET(throw_on_failure)) {
  GTEST_FLAG_SET(break_on_failure, false);
  GTEST_FLAG_SET(throw_on_failure, false);
}

Capture::~Capture() {
  GTEST_FLAG_SET(break_on_failure, breaks_);
  GTEST_FLAG_SET(throw_on_failure, throws_);
}

void Capture::ReportTestPartResult(const testing::TestPartResult& result) {
  if (result.skipped()) {
    skipped_ = result.message();
    skipped_ += skipped_.empty() ? "skipped" : "";
  }
  if (!result.failed()) {
    return;
  }
  Expectation expectation{result.file_name() == nullptr ? "" : result.file_name(),
                          std::max(result.line_number(), 0), result.message(),
                          world_ == nullptr ? std::string() : when_of(*world_)};
  if (world_ != nullptr) {
    world_->fail(expectation.failure());
  }
  if (failed_.size() < most_kept) {
    failed_.push_back(std::move(expectation));
  }
}

simnet::Scenario watched_by(Capture& capture, const simnet::Scenario& scenario) {
  simnet::Scenario watched = scenario;
  watched.build = [&capture, &scenario](simnet::World& world) {
    capture.begins(world);
    scenario.build(world);
  };
  watched.run = [&capture, &scenario](simnet::World& world) {
    simnet::RunReport report = scenario.run(world);
    capture.ends(world, report);
    return report;
  };
  return watched;
}

CapturedRun captured(const std::function<simnet::RunResult(simnet::RunWatchers)>& run,
                     bool records) {
  CapturedRun captured;
  Capture capture;
  RecordsNothing records_nothing;
  std::vector<simnet::RunWatcher*> watchers = {&capture};
  if (!records) {
    watchers.push_back(&records_nothing);
  }
  captured.result = run(watchers);
  captured.failure = captured.result.report.failure();
  if (!captured.failure && !capture.failed().empty()) {
    captured.failure = capture.failed().front().failure();
  }
  captured.failed = capture.failed();
  captured.skipped = capture.skipped();
  return captured;
}

}  // namespace rehearsal::harness
