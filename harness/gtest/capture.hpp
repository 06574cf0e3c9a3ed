// While a capture exists, it collects the results of EXPECT_* on this thread, and a failed one
// fails the world that runs. So the runs that search for a failure, or shrink one, report nothing
// to GoogleTest. They neither break nor throw, whatever --gtest_break_on_failure and
// --gtest_throw_on_failure are set to.
#pragma once

#include <functional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest-spi.h>

#include "harness/process/wire.hpp"
#include "simnet/failure.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Returns the failure of a run in which this expectation failed.
[[nodiscard]] simnet::Failure failure_of(const Expectation& expectation);

class Capture final : public testing::ScopedFakeTestPartResultReporter {
 public:
  Capture();
  ~Capture() override;

  // Returns `scenario` with this capture in each of its runs: an expectation that fails, or a skip,
  // is a failure of the run, even after the end of its world. Both must outlive the result.
  [[nodiscard]] simnet::Scenario watch(const simnet::Scenario& scenario);
  // Calls `listener` with each expectation as it fails.
  void listen(std::function<void(const Expectation&)> listener) { listener_ = std::move(listener); }

  // Returns the expectations that failed in the last run, the first ones if there are many.
  [[nodiscard]] const std::vector<Expectation>& failed() const { return failed_; }
  // Returns the message of GTEST_SKIP() in the last run ("skipped" if it has none), or an empty
  // string if nothing was skipped.
  [[nodiscard]] const std::string& skipped() const { return skipped_; }

  void ReportTestPartResult(const testing::TestPartResult& result) override;

 private:
  void begins(simnet::World& world);
  void judge(simnet::RunReport& report) const;
  // Calls a part of a run. If it throws, the world is about to be destroyed.
  template <class Part>
  void forget_world_if_it_throws(Part part);

  simnet::World* world_ = nullptr;
  bool breaks_;  // the value of --gtest_break_on_failure, to restore
  bool throws_;  // the value of --gtest_throw_on_failure, to restore
  std::function<void(const Expectation&)> listener_;
  std::vector<Expectation> failed_;
  std::string skipped_;
};

}  // namespace rehearsal::harness
