#include "simnet/search/shrink.hpp"

#include <algorithm>
#include <chrono>
#include <iterator>
#include <string>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/simnet/search/made_up_failures.hpp"
#include "tests/simnet/search/racy_bank.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

RC_GTEST_PROP(Shrink, finds_exactly_what_the_failure_needs, ()) {
  const auto count = *rc::gen::inRange<std::uint32_t>(1, 300);
  const auto value = *whole_range<std::uint32_t>(1, 2'000);
  Deviations needed;
  const auto chosen = *rc::gen::unique<std::vector<std::uint32_t>>(
      *whole_range<std::size_t>(0, std::min(count, 5U)),
      whole_range_and_ends<std::uint32_t>(0, count));
  for (const std::uint32_t number : chosen) {
    needed.push_back(numbered(number, *whole_range_and_ends<std::uint32_t>(1, value + 1)));
  }
  Shrunk shrunk = shrink(schedule_of(count, value), needs(needed));
  RC_ASSERT(shrunk.failure == broken);
  RC_ASSERT(shrunk.minimal);
  RC_ASSERT(shrunk.deviations_before == count);
  std::ranges::sort(shrunk.schedule.deviations);
  std::ranges::sort(needed);
  RC_ASSERT(shrunk.schedule.deviations == needed);
}

TEST(Shrink, makes_one_long_delay_of_many_short_ones) {
  const Shrunk shrunk = shrink(late_by({300, 1'500, 300, 300, 300}), needs_late(1'600));
  EXPECT_EQ(shrunk.schedule.deviations.size(), 2U) << shrunk.schedule.to_string();
  EXPECT_TRUE(shrunk.minimal);
  const Shrunk one = shrink(late_by({300, 200, 300, 1'500, 300}), needs_late(700));
  ASSERT_EQ(one.schedule.deviations.size(), 1U) << one.schedule.to_string();
  EXPECT_EQ(one.schedule.deviations.front().value, 700U);
}

TEST(Shrink, makes_no_delay_longer_than_the_longest_that_was_given) {
  const Shrunk shrunk = shrink(late_by({300, 400, 300, 300, 300}), needs_late(1'100));
  EXPECT_EQ(shrunk.schedule.deviations.size(), 3U) << shrunk.schedule.to_string();
  for (const Deviation& deviation : shrunk.schedule.deviations) {
    EXPECT_LE(deviation.value, 400U);
  }
}

TEST(Shrink, makes_a_delay_as_long_as_the_rates_let_it) {
  ShrinkBound bound;
  bound.rates = Rates::usual();
  bound.rates[Site::late].most = 900;
  const Schedule many = late_by({300, 400, 300, 300, 300});
  EXPECT_EQ(shrink(many, needs_late(900), bound).schedule.deviations.size(), 1U);
  EXPECT_EQ(shrink(many, needs_late(1'100), bound).schedule.deviations.size(), 2U);
}

RC_GTEST_PROP(Shrink, of_whatever_fails_leaves_none_that_can_go, (std::uint64_t seed)) {
  const Schedule failing =
      schedule_of(*rc::gen::inRange<std::uint32_t>(1, 60), *whole_range<std::uint32_t>(1, 4));
  const Attempt attempt = fails_by_chance(failing, seed, 3);
  const Shrunk shrunk = shrink(failing, attempt);
  RC_ASSERT(shrunk.minimal);
  RC_ASSERT(fails_so(attempt, shrunk.schedule, broken));
  for (std::size_t i = 0; i < shrunk.schedule.deviations.size(); ++i) {
    RC_ASSERT(!fails_so(attempt, without(shrunk.schedule, i), broken));
  }
}

TEST(Shrink, makes_few_long_delays_of_more_short_ones_than_can_be_tried_by_twos) {
  ShrinkBound bound;
  bound.rates[Site::late].most = 2'000;
  const Shrunk shrunk =
      shrink(late_by(std::vector<std::uint32_t>(60, 50)), needs_late(3'000), bound);
  EXPECT_TRUE(shrunk.minimal);
  EXPECT_EQ(shrunk.schedule.deviations.size(), 2U) << shrunk.schedule.to_string();
}

// Fails if the segment of the sixth message is late. Each partial write before it has
// added one segment.
Outcome needs_late_sixth_message(const Schedule& schedule) {
  Outcome outcome;
  outcome.deviated = schedule.deviations;
  const auto writes = std::ranges::count_if(
      schedule.deviations, [](const Deviation& one) { return one.at.site == Site::send; });
  const Coordinate sixth{Site::late, "client-0/0#0>", 5 + static_cast<std::uint32_t>(writes)};
  if (std::ranges::find(schedule.deviations, sixth, &Deviation::at) != schedule.deviations.end()) {
    outcome.failure = broken;
  }
  return outcome;
}

TEST(Shrink, moves_what_comes_after_a_deviation_that_goes) {
  Schedule schedule{"made up", 1, {}};
  for (std::uint32_t write = 0; write < 4; ++write) {
    schedule.deviations.push_back({{Site::send, "client-0/0#0>", write}, 1});
  }
  schedule.deviations.push_back({{Site::late, "client-0/0#0>", 9}, 1});
  const Shrunk shrunk = shrink(schedule, needs_late_sixth_message);
  ASSERT_EQ(shrunk.schedule.deviations.size(), 1U) << shrunk.schedule.to_string();
  EXPECT_EQ(shrunk.schedule.deviations.front().to_string(), "late/client-0/0#0>/5=1");
}

TEST(Shrink, keeps_to_the_failure_that_it_was_given) {
  const Attempt attempt = [](const Schedule& schedule) {
    Outcome outcome;
    outcome.deviated = schedule.deviations;
    const bool both = includes(schedule.deviations, {numbered(3), numbered(8)});
    outcome.failure = both ? broken : elsewhere;
    return outcome;
  };
  const Shrunk shrunk = shrink(schedule_of(10, 1), attempt);
  EXPECT_EQ(shrunk.failure, broken);
  EXPECT_EQ(shrunk.schedule.deviations, (Deviations{numbered(3), numbered(8)}));
}

TEST(Shrink, of_what_passes_ends_after_one_run) {
  const Shrunk shrunk = shrink(schedule_of(10, 1), needs({numbered(10)}));
  EXPECT_FALSE(shrunk.failure);
  EXPECT_EQ(shrunk.runs, 1U);
  EXPECT_EQ(shrunk.schedule, schedule_of(10, 1));
}

TEST(Shrink, drops_what_was_not_applied_without_a_run_for_it) {
  const Attempt attempt = [](const Schedule& schedule) {
    Outcome outcome = needs({numbered(5)})(schedule);
    std::erase_if(outcome.deviated, [](const Deviation& one) { return one.at.ordinal >= 6; });
    return outcome;
  };
  ShrinkBound once;
  once.runs = 1;
  const Shrunk shrunk = shrink(schedule_of(1'000, 1), attempt, once);
  EXPECT_EQ(shrunk.schedule, schedule_of(6, 1));
}

TEST(Shrink, is_bounded_by_steps_too) {
  ShrinkBound bound;
  bound.steps = 95;  // each run takes ten
  const Shrunk shrunk =
      shrink(schedule_of(1'000, 40), needs({numbered(100), numbered(700)}), bound);
  EXPECT_EQ(shrunk.runs, 10U);
  EXPECT_FALSE(shrunk.minimal);
}

// The guarantees of shrinking, for a real run.
RC_GTEST_PROP(Shrink, of_a_race_fails_the_same_way_and_without_any_one_deviation_passes,
              (std::uint32_t seed)) {
  Scenario scenario = racy_bank(*rc::gen::inRange<std::uint32_t>(2, 6), *rc::gen::inRange(1, 6));
  scenario.rates[Site::run] = {*rc::gen::inRange<std::uint32_t>(0, 300'000), 20};
  scenario.rates[Site::spurious] = {*rc::gen::inRange<std::uint32_t>(0, 300'000), 500};
  scenario.rates[Site::again] = {*rc::gen::inRange<std::uint32_t>(0, 300'000), 1};
  scenario.rates[Site::late] = {300'000, 2'000};
  const RunResult found = first_failure(scenario, seed);
  const Attempt attempt = attempt_here(scenario);
  const Shrunk shrunk = shrink(found.schedule, attempt);
  RC_ASSERT(shrunk.minimal);
  RC_ASSERT(same_failure(*found.report.failure(), *shrunk.failure));
  const RunResult again = replay_scenario(scenario, shrunk.schedule);
  RC_ASSERT(again.report.failure() == shrunk.failure);
  RC_ASSERT(again.schedule == shrunk.schedule);
  RC_ASSERT(again.not_applied.empty());
  for (std::size_t i = 0; i < shrunk.schedule.deviations.size(); ++i) {
    RC_ASSERT(!attempt(without(shrunk.schedule, i)).failure);
  }
}

TEST(Shrink, is_the_same_each_time) {
  const Scenario scenario = racy_bank(5, 5);
  const RunResult found = first_failure(scenario);
  const Shrunk first = shrink(found.schedule, attempt_here(scenario));
  const Shrunk again = shrink(found.schedule, attempt_here(scenario));
  EXPECT_EQ(first.schedule, again.schedule);
  EXPECT_EQ(first.runs, again.runs);
}

TEST(Shrink, leaves_as_few_clients_as_fail) {
  Scenario scenario = racy_bank(20, 5);
  int as_few_as_can_be = 0;
  for (std::uint64_t seed = 1; seed <= 200; seed += 10) {
    const RunResult found = first_failure(scenario, seed);
    const Shrunk shrunk = shrink(found.schedule, attempt_here(scenario));
    const auto clients = std::ranges::find(shrunk.schedule.deviations, "world:clients",
                                           [](const Deviation& one) { return one.at.entity; });
    as_few_as_can_be += clients == shrunk.schedule.deviations.end() ? 1 : 0;
  }
  EXPECT_EQ(as_few_as_can_be, 20);
}

}  // namespace
}  // namespace rehearsal::simnet
