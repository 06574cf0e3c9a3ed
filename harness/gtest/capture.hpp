// While a capture exists, it collects the results of EXPECT_* on this thread, and a failed one
// fails the world that runs. So the runs that search for a failure, or shrink one, report nothing
// to GoogleTest. They neither break nor throw, whatever --gtest_break_on_failure and
// --gtest_throw_on_failure are set to.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include <gtest/gtest-spi.h>

#include "simnet/failure.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

// A failed expectation.
struct Expectation {
  std::string file;  // from __FILE__
  int line = 0;
  std::string message;
  std::string when;  // "in task client-1/talk at 12.003 ms", or empty if no world was running

  [[nodiscard]] simnet::Failure failure() const;
};

class Capture final : public testing::ScopedFakeTestPartResultReporter, public simnet::RunWatcher {
 public:
  Capture();
  ~Capture() override;

  void begins(simnet::World& world) override { world_ = &world; }
  void ends(simnet::World& /*world*/, const simnet::RunReport& /*report*/) override {
    world_ = nullptr;
  }
  void ReportTestPartResult(const testing::TestPartResult& result) override;

  [[nodiscard]] const std::vector<Expectation>& failed() const { return failed_; }
  // Returns the message of GTEST_SKIP() ("skipped" if it has none), or an empty string if nothing
  // was skipped.
  [[nodiscard]] const std::string& skipped() const { return skipped_; }

 private:
  simnet::World* world_ = nullptr;
  bool breaks_;  // the value of --gtest_break_on_failure, to restore
  bool throws_;  // the value of --gtest_throw_on_failure, to restore
  std::vector<Expectation> failed_;
  std::string skipped_;
};

// Returns `scenario` with `capture` as a watcher of each run. Both must outlive the result.
[[nodiscard]] simnet::Scenario watched_by(Capture& capture, const simnet::Scenario& scenario);

// One run of a simulation test, with the results of its expectations.
struct CapturedRun {
  simnet::RunResult result;
  std::optional<simnet::Failure> failure;  // from the world, or from an expectation after its end
  std::vector<Expectation> failed;
  std::string skipped;

  [[nodiscard]] simnet::Outcome outcome() const {
    return {failure, result.schedule.deviations, result.report.steps};
  }
};

// Calls `run` with a capture as its watcher. `records` sets whether the deviations are recorded.
[[nodiscard]] CapturedRun captured(const std::function<simnet::RunResult(simnet::RunWatchers)>& run,
                                   bool records = true);

}  // namespace rehearsal::harness
