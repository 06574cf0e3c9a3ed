#include "simnet/search/tally.hpp"

#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rehearsal::simnet {
namespace {

Scenario quiet() {
  return {"quiet", "Nothing happens", [](World& /*world*/) {}};
}

RunResult run_with(std::uint64_t digest, FaultCount fault, bool held) {
  RunResult run;
  run.report.digest = digest;
  run.report.steps = 10;
  run.report.time = sched::Duration(100);
  run.faults.push_back(std::move(fault));
  run.sometimes["it rains"] = held;
  run.sites[index(Site::late)].fired = 2;
  return run;
}

TEST(Tally, PartsAddUpToTheWholeInAnyOrder) {
  const RunResult first = run_with(1, {"reset", false, 5, 0, 0}, false);
  const RunResult second = run_with(2, {"reset", false, 6, 3, 1}, true);
  Tally whole;
  whole.add(first);
  whole.add(second);
  Tally left;
  left.add(second);
  Tally right;
  right.add(first);
  left.merge(right);
  for (const Tally& tally : {whole, left}) {
    EXPECT_EQ(tally.runs, 2U);
    EXPECT_EQ(tally.failed, 0U);
    EXPECT_EQ(tally.steps, 20U);
    EXPECT_EQ(tally.time, sched::Duration(200));
    EXPECT_EQ(tally.faults.at("reset").matched, 11U);
    EXPECT_EQ(tally.faults.at("reset").fired, 3U);
    EXPECT_EQ(tally.faults.at("reset").mattered, 1U);
    EXPECT_EQ(tally.fired[index(Site::late)], 4U);
    EXPECT_TRUE(tally.sometimes.at("it rains"));
  }
  EXPECT_EQ(left.digest, whole.digest);
  EXPECT_NE(whole.digest, right.digest);
}

TEST(Tally, ATimeThatDoesNotFitIsTheLongest) {
  Tally tally;
  tally.time = sched::Duration::max() - sched::Duration(1);
  Tally other;
  other.time = sched::Duration(2);
  tally.merge(other);
  EXPECT_EQ(tally.time, sched::Duration::max());
}

TEST(Tally, ARunThatFailedIsCounted) {
  RunResult run;
  run.report.failures.push_back({FailureKind::property, "it broke", {}});
  Tally tally;
  tally.add(run);
  run.report = {};
  run.report.end = WorldEnd::quiescent;
  tally.add(run);
  EXPECT_EQ(tally.failed, 2U);
}

TEST(Tally, WhatNeverCameIsMissing) {
  Tally tally;
  tally.add(run_with(1, {"reset", false, 5, 0, 0}, false));
  EXPECT_EQ(tally.missing(quiet()),
            (std::vector<std::string>{"fault 'reset' never fired (5 operations matched)",
                                      "'it rains' never held"}));
  tally.add(run_with(2, {"reset", false, 5, 1, 0}, true));
  EXPECT_TRUE(tally.missing(quiet()).empty());
}

TEST(Tally, AnOptionalFaultMayStayAway) {
  Tally tally;
  tally.add(run_with(1, {"reset", true, 5, 0, 0}, true));
  EXPECT_TRUE(tally.missing(quiet()).empty());
}

TEST(Tally, ASiteWhoseRateIsRaisedMustDeviate) {
  Scenario scenario = quiet();
  scenario.rates[Site::reset] = {1'000, 1};
  scenario.rates[Site::late].per_million += 1;
  scenario.options.link.loss = 10;
  EXPECT_EQ(raised_sites(scenario), (std::vector<Site>{Site::late, Site::lost, Site::reset}));
  Tally tally;
  tally.add(run_with(1, {"reset", true, 0, 0, 0}, true));
  EXPECT_EQ(
      tally.missing(scenario),
      (std::vector<std::string>{"fault 'lost' never fired although the scenario sets its rate",
                                "fault 'reset' never fired although the scenario sets its rate"}));
}

TEST(Tally, keeps_the_longest_runs_in_whatever_order_they_come) {
  const auto tally_of = [](std::initializer_list<std::uint64_t> seeds) {
    Tally tally;
    for (const std::uint64_t seed : seeds) {
      RunResult run;
      run.report.steps = 10 * (seed / 2);
      tally.note_length(seed, run);
    }
    return tally;
  };
  Tally one = tally_of({1, 9, 2, 8, 3, 4});
  Tally other = tally_of({7, 5, 6});
  one.merge(other);
  other.merge(tally_of({4, 3, 8, 2, 9, 1}));
  EXPECT_EQ(one.longest, other.longest);
  ASSERT_EQ(one.longest.size(), Tally::most_longest);
  EXPECT_EQ(one.longest[0], (LongRun{40, 8, false}));
  EXPECT_EQ(one.longest[1], (LongRun{40, 9, false}));
  EXPECT_EQ(one.longest[4], (LongRun{20, 4, false}));
}

TEST(Tally, counts_what_some_run_came_to) {
  Tally tally;
  EXPECT_EQ(tally.reached(), 0U);
  tally.sometimes = {{"held", true}, {"never", false}};
  tally.faults["reset"].mattered = 2;
  tally.faults["lost"].fired = 1;
  tally.fired[0] = 7;
  tally.planned = {{"check", true}};
  EXPECT_EQ(tally.reached(), 4U);
}

}  // namespace
}  // namespace rehearsal::simnet
