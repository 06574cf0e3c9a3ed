#include "simnet/scenario.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

template <sched::Network Net>
sched::Task<> choose_often(sched::Host<Net>& host) {
  for (int i = 0; i < 50; ++i) {
    co_await sched::sleep_for(1ms);
    const std::uint32_t choice = host.choose("path", 5);
    if (choice == 4 && host.random() % 4 == 0) {
      throw std::runtime_error("lost");
    }
  }
}

Scenario choosing() {
  return {"choosing", "May get lost", [](World& world) {
            world.host("a").spawn("walk", [](auto& host) { return choose_often(host); });
          }};
}

SeededRun seed(std::uint64_t number) { return {number, NamedPolicy::Kind::random}; }

TEST(Scenario, ASeedIsTheWholeRun) {
  const RunResult first = run_scenario(choosing(), seed(3));
  const RunResult again = run_scenario(choosing(), seed(3));
  EXPECT_EQ(first.report.digest, again.report.digest);
  EXPECT_EQ(first.schedule, again.schedule);
  EXPECT_NE(first.report.digest, run_scenario(choosing(), seed(4)).report.digest);
}

TEST(Scenario, TheScheduleOfARunReplaysIt) {
  int failed = 0;
  for (std::uint64_t number = 1; number <= 50; ++number) {
    const RunResult found = run_scenario(choosing(), seed(number));
    failed += found.report.ok() ? 0 : 1;
    const RunResult replayed = replay_scenario(choosing(), found.schedule);
    EXPECT_EQ(replayed.report.digest, found.report.digest) << found.schedule.to_string();
    EXPECT_EQ(replayed.report.to_string(), found.report.to_string());
    EXPECT_EQ(replayed.schedule, found.schedule);
    EXPECT_TRUE(replayed.not_applied.empty());
  }
  EXPECT_GT(failed, 5);
  EXPECT_LT(failed, 45);
}

TEST(Scenario, ANominalRunDeviatesNowhereAndHasItsDataSeed) {
  const RunResult run = run_scenario(choosing(), {9, NamedPolicy::Kind::nominal});
  EXPECT_TRUE(run.report.ok());
  EXPECT_EQ(run.schedule, (Schedule{"choosing", 9, {}}));
}

TEST(Scenario, ReportsWhatIsNotApplied) {
  const Deviation surplus{{Site::program, "a:path", 1'000}, 1};
  const RunResult run = replay_scenario(choosing(), {"choosing", 1, {surplus}});
  EXPECT_EQ(run.not_applied, std::vector<Deviation>{surplus});
}

TEST(Scenario, WhatItThrowsIsAFailure) {
  Scenario scenario = choosing();
  scenario.build = [](World& /*world*/) { throw std::runtime_error("no bricks"); };
  const RunResult run = run_scenario(scenario, seed(1));
  EXPECT_EQ(run.report.end, WorldEnd::failed);
  EXPECT_EQ(run.report.failure(),
            (Failure{FailureKind::property, "the scenario threw: no bricks", {}}));
}

TEST(Scenario, WhateverItThrowsIsAFailure) {
  Scenario scenario = choosing();
  scenario.build = [](World& /*world*/) { throw 42; };  // NOLINT(hicpp-exception-baseclass)
  EXPECT_EQ(run_scenario(scenario, seed(1)).report.failure()->what,
            "the scenario threw: an exception not derived from std::exception");
}

TEST(Scenario, ItSaysHowItIsRun) {
  Scenario scenario = choosing();
  scenario.rates = Rates();
  scenario.run = [](World& world) { return world.run_for(10ms); };
  const RunResult run = run_scenario(scenario, seed(1));
  EXPECT_EQ(run.report.end, WorldEnd::condition);
  EXPECT_EQ(run.report.time, 10ms);
}

class Notes final : public RunWatcher {
 public:
  void begins(World& world) override { notes_ += "begins " + std::to_string(world.steps()); }
  void ends(World& /*world*/, const RunReport& report) override {
    notes_ += ", ends " + std::string(name(report.end));
  }
  [[nodiscard]] const std::string& notes() const { return notes_; }

 private:
  std::string notes_;
};

TEST(Scenario, AWatcherSeesTheWorldBeforeAndAfter) {
  Notes notes;
  const std::array<RunWatcher*, 1> watchers = {&notes};
  run_scenario(choosing(), {1, NamedPolicy::Kind::nominal}, watchers);
  EXPECT_EQ(notes.notes(), "begins 0, ends done");
}

}  // namespace
}  // namespace rehearsal::simnet
