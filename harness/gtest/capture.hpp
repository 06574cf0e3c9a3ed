// While it lives, a capture takes what EXPECT_* of this thread report, and fails the world that
// runs. So a run that is tried in search of a failure, or of a smaller one, reports nothing, and
// neither breaks nor throws, whatever --gtest_break_on_failure and --gtest_throw_on_failure say.
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

// An expectation that did not hold.
struct Expectation {
  std::string file;  // as __FILE__ had it
  int line = 0;
  std::string message;
  std::string when;  // "in task client-1/talk at 12.003 ms"; empty where no world was running

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
  // The reason of a GTEST_SKIP(), which is never empty; empty: there was none.
  [[nodiscard]] const std::string& skipped() const { return skipped_; }

 private:
  simnet::World* world_ = nullptr;
  bool breaks_;  // what the flags say
  bool throws_;
  std::vector<Expectation> failed_;
  std::string skipped_;
};

// `scenario` with `capture` as a watcher of each of its runs. Both must outlive it.
[[nodiscard]] simnet::Scenario watched_by(Capture& capture, const simnet::Scenario& scenario);

// One run of a rehearsed test, with what its expectations said.
struct CapturedRun {
  simnet::RunResult result;
  std::optional<simnet::Failure> failure;  // of the world, or an expectation after its end
  std::vector<Expectation> failed;
  std::string skipped;

  [[nodiscard]] simnet::Outcome outcome() const {
    return {failure, result.schedule.deviations, result.report.steps};
  }
};

// Calls `run` with a watcher for it, under a capture. `records`: whether its deviations are kept.
[[nodiscard]] CapturedRun captured(const std::function<simnet::RunResult(simnet::RunWatchers)>& run,
                                   bool records = true);

}  // namespace rehearsal::harness
