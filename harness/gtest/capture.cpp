#include "harness/gtest/capture.hpp"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <utility>

#include "harness/number_text.hpp"

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

simnet::Failure skip_of(const std::string& message) {
  return {simnet::FailureKind::property, "skipped: " + message, {}};
}

}  // namespace

simnet::Failure failure_of(const Expectation& expectation) {
  const std::size_t folder = expectation.file.rfind('/') + 1;
  return {simnet::FailureKind::property, "an expectation failed",
          expectation.file.substr(folder) + ':' + std::to_string(expectation.line)};
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
    if (world_ != nullptr) {
      world_->fail(skip_of(skipped_));
    }
  }
  if (!result.failed()) {
    return;
  }
  Expectation expectation{result.file_name() == nullptr ? "" : result.file_name(),
                          std::max(result.line_number(), 0), result.message(),
                          world_ == nullptr ? std::string() : when_of(*world_)};
  if (world_ != nullptr) {
    world_->fail(failure_of(expectation));
  }
  if (failed_.size() < most_kept) {
    if (listener_) {
      listener_(expectation);
    }
    failed_.push_back(std::move(expectation));
  }
}

void Capture::begins(simnet::World& world) {
  world_ = &world;
  failed_.clear();
  skipped_.clear();
}

void Capture::judge(simnet::RunReport& report) const {
  const auto add = [&report](const simnet::Failure& failure) {
    if (std::ranges::find(report.failures, failure) == report.failures.end()) {
      report.failures.push_back(failure);
    }
  };
  for (const Expectation& expectation : failed_) {
    add(failure_of(expectation));
  }
  if (!skipped_.empty()) {
    add(skip_of(skipped_));
  }
}

template <class Part>
void Capture::forget_world_if_it_throws(Part part) {
  try {
    part();
  } catch (...) {
    world_ = nullptr;
    throw;
  }
}

simnet::Scenario Capture::watch(const simnet::Scenario& scenario) {
  simnet::Scenario watched = scenario;
  watched.build = [this, &scenario](simnet::World& world) {
    begins(world);
    forget_world_if_it_throws([&] { scenario.build(world); });
  };
  watched.run = [this, &scenario](simnet::World& world) {
    simnet::RunReport report;
    forget_world_if_it_throws([&] { report = scenario.run(world); });
    world_ = nullptr;
    return report;
  };
  watched.judge = [this, &scenario](simnet::RunReport& report) {
    judge(report);
    if (scenario.judge) {
      scenario.judge(report);
    }
  };
  return watched;
}

}  // namespace rehearsal::harness
