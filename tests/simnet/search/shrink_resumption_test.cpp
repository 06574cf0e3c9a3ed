// A shrink that its limit stopped is resumed from its result.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <numeric>
#include <optional>
#include <ranges>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simnet/search/shrink.hpp"
#include "tests/simnet/search/made_up_failures.hpp"
#include "tests/simnet/search/racy_bank.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

struct Case {
  Schedule failing;
  Attempt attempt;
  ShrinkBound bound;  // of each resumption
};

// Makes `attempt` independent of the order of the deviations. It returns the applied ones in an
// order that depends on values, as a run may.
Attempt in_order_of_values(Attempt attempt) {
  return [attempt = std::move(attempt)](Schedule schedule) {
    std::ranges::sort(schedule.deviations, {},
                      [](const Deviation& one) { return std::pair(one.at.ordinal, one.at); });
    Outcome outcome = attempt(schedule);
    std::ranges::sort(outcome.deviated, {},
                      [](const Deviation& one) { return std::pair(one.value, one.at); });
    return outcome;
  };
}

std::uint64_t sum_of_values(const Deviations& deviations) {
  return std::transform_reduce(deviations.begin(), deviations.end(), std::uint64_t{0},
                               std::plus<>{},
                               [](const Deviation& one) { return std::uint64_t{one.value}; });
}

// The failure is a deadlock. Deadlocks of different numbers of tasks are different failures.
Attempt deadlocks(Attempt attempt) {
  return [attempt = std::move(attempt)](const Schedule& schedule) {
    Outcome outcome = attempt(schedule);
    if (outcome.failure == broken) {
      const bool more = sum_of_values(schedule.deviations) % 2 != 0;
      outcome.failure =
          Failure{FailureKind::deadlock, "tasks wait", more ? "a.cpp:1 b.cpp:2" : "a.cpp:1"};
    }
    return outcome;
  };
}

Case some_case() {
  Case made;
  const auto count = *rc::gen::inRange<std::uint32_t>(1, 40);
  const auto value = *whole_range<std::uint32_t>(1, 6);
  made.bound.rates[Site::late].most = *whole_range<std::uint32_t>(0, 12);
  switch (*whole_range(0, 3)) {
    case 0: {
      made.failing = schedule_of(count, value);
      made.attempt = fails_by_chance(made.failing, *rc::gen::arbitrary<std::uint64_t>(),
                                     *whole_range<std::uint64_t>(2, 200));
      break;
    }
    case 1: {
      made.failing = schedule_of(count, value);
      const auto chosen = *rc::gen::container<std::vector<std::uint32_t>>(
          *whole_range<std::size_t>(0, 5), whole_range_and_ends<std::uint32_t>(0, count));
      Deviations needed;
      for (const std::uint32_t number : chosen) {
        needed.push_back(numbered(number, *whole_range_and_ends<std::uint32_t>(1, value + 1)));
      }
      made.attempt = needs(needed);
      break;
    }
    default: {  // none, or few, can be removed before the delays are made longer
      made.failing = late_by(*rc::gen::container<std::vector<std::uint32_t>>(
          count + 24, whole_range<std::uint32_t>(1, value + 1)));  // too many for exchanges
      const std::uint64_t sum = sum_of_values(made.failing.deviations);
      made.attempt = needs_late(
          static_cast<std::uint32_t>(sum - std::min(sum, *whole_range<std::uint64_t>(0, 2))));
    }
  }
  if (*rc::gen::arbitrary<bool>()) {
    made.attempt = deadlocks(made.attempt);
  }
  if (*rc::gen::arbitrary<bool>()) {
    made.attempt = in_order_of_values(made.attempt);
  }
  return made;
}

bool is_less(const Deviations& one, const Deviations& other) {
  return std::pair(one.size(), sum_of_values(one)) < std::pair(other.size(), sum_of_values(other));
}

// Maximum number of unsuccessful candidates for a schedule with this many deviations: twice by all,
// by site, by chunks, and moved; of lower values; by twos; and with long delays.
std::uint64_t most_tries(std::uint64_t deviations) {
  return 2 * (1 + site_count + 6 * deviations) + 33 * deviations + 2 * deviations * deviations + 1;
}

bool is_minimal(const Attempt& attempt, const Schedule& schedule, const Failure& failure) {
  return std::ranges::none_of(
      std::views::iota(std::size_t{0}, schedule.deviations.size()),
      [&](std::size_t i) { return fails_so(attempt, without(schedule, i), failure); });
}

RC_GTEST_PROP(ShrinkResumption, makes_progress_each_time_and_ends_when_none_can_be_removed, ()) {
  Case made = some_case();
  made.bound.runs = *whole_range<std::uint64_t>(2, 12);
  Schedule best = made.failing;
  std::optional<Failure> failure = made.attempt(best).failure;
  std::uint64_t runs = 0;
  std::uint64_t most_runs = 0;  // over the schedules so far
  for (;;) {
    const Shrunk shrunk = shrink(best, made.attempt, made.bound);
    RC_ASSERT(shrunk.failure);
    RC_ASSERT(same_failure(*failure, *shrunk.failure));
    failure = shrunk.failure;
    RC_ASSERT(shrunk.runs <= made.bound.runs);
    runs += shrunk.runs;
    if (is_less(shrunk.schedule.deviations, best.deviations)) {
      most_runs += 2 * (most_tries(best.deviations.size()) + 1);  // half of them on `best` itself
      best = shrunk.schedule;
    } else {
      Deviations same = best.deviations;
      Deviations left = shrunk.schedule.deviations;
      std::ranges::sort(same);
      std::ranges::sort(left);
      RC_ASSERT(same == left);
      RC_ASSERT(shrunk.minimal || shrunk.tried == made.bound.tried + shrunk.runs - 1);
      best = shrunk.schedule;
    }
    if (shrunk.minimal) {
      break;
    }
    made.bound.tried = shrunk.tried;
  }
  RC_ASSERT(is_minimal(made.attempt, best, *failure));
  RC_ASSERT(runs <= most_runs + 2 * (most_tries(best.deviations.size()) + 1));
}

// If it is stopped before anything was removed, it continues as if it had not been stopped.
RC_GTEST_PROP(ShrinkResumption, leaves_out_what_was_tried_and_nothing_else, ()) {
  const Case made = some_case();
  ShrinkBound bound = made.bound;
  const Shrunk whole = shrink(made.failing, made.attempt, bound);
  const std::uint64_t apart = 1 + whole.runs / 40;
  bound.runs = *rc::gen::inRange<std::uint64_t>(2, 2 + apart);
  for (; bound.runs <= whole.runs; bound.runs += apart) {
    const Shrunk stopped = shrink(made.failing, made.attempt, bound);
    if (stopped.minimal || stopped.tried != bound.runs - 1) {
      break;  // something was removed
    }
    ShrinkBound rest = made.bound;
    rest.tried = stopped.tried;
    const Shrunk resumed = shrink(stopped.schedule, made.attempt, rest);
    RC_ASSERT(resumed.minimal);
    RC_ASSERT(resumed.failure == whole.failure);
    RC_ASSERT(resumed.schedule == whole.schedule);
    RC_ASSERT(resumed.runs + stopped.tried == whole.runs);
  }
}

TEST(ShrinkResumption, of_one_run_tries_nothing) {
  const Attempt attempt = needs({numbered(3), numbered(8)});
  ShrinkBound bound;
  bound.runs = 1;
  bound.tried = 2;
  const Shrunk shrunk = shrink(schedule_of(10, 1), attempt, bound);
  EXPECT_EQ(shrunk.schedule, schedule_of(10, 1));
  EXPECT_EQ(shrunk.tried, 2U);
  EXPECT_EQ(shrunk.runs, 1U);
  EXPECT_FALSE(shrunk.minimal);
}

TEST(ShrinkResumption, tries_all_where_more_was_tried_than_there_is) {
  const Attempt attempt = needs({numbered(1), numbered(2), numbered(4), numbered(5)});
  const Schedule failing = schedule_of(6, 3);
  const Shrunk whole = shrink(failing, attempt);
  ShrinkBound bound;
  bound.tried = 1'000'000;
  const Shrunk shrunk = shrink(failing, attempt, bound);
  EXPECT_EQ(shrunk.schedule, whole.schedule);
  EXPECT_EQ(shrunk.runs, whole.runs);
}

TEST(ShrinkResumption, tries_all_of_what_was_not_applied_as_it_was_given) {
  const Attempt attempt = [](const Schedule& schedule) {
    Outcome outcome = needs({numbered(5)})(schedule);
    std::erase_if(outcome.deviated, [](const Deviation& one) { return one.at.ordinal >= 6; });
    return outcome;
  };
  ShrinkBound bound;
  bound.tried = 3;
  EXPECT_EQ(shrink(schedule_of(7, 1), attempt, bound).runs,
            shrink(schedule_of(7, 1), attempt).runs);
}

TEST(ShrinkResumption, of_many_deviations_keeps_what_it_has_each_time) {
  const Attempt attempt = needs({numbered(100, 7), numbered(700, 30)});
  Schedule best = schedule_of(1'000, 40);
  ShrinkBound bound;
  bound.runs = 6;
  int resumed = 0;
  for (bool minimal = false; !minimal; ++resumed) {
    ASSERT_LT(resumed, 200);
    const Shrunk shrunk = shrink(best, attempt, bound);
    EXPECT_LE(shrunk.schedule.deviations.size(), best.deviations.size());
    best = shrunk.schedule;
    bound.tried = shrunk.tried;
    minimal = shrunk.minimal;
  }
  EXPECT_GT(resumed, 1);
  EXPECT_EQ(best.deviations, (Deviations{numbered(100, 7), numbered(700, 30)}));
}

// Uses a real run.
RC_GTEST_PROP(ShrinkResumption, of_a_race_ends_when_none_can_be_removed, (std::uint32_t seed)) {
  Scenario scenario = racy_bank(*rc::gen::inRange<std::uint32_t>(2, 6), *rc::gen::inRange(1, 6));
  scenario.rates[Site::run] = {*rc::gen::inRange<std::uint32_t>(0, 300'000), 20};
  scenario.rates[Site::late] = {300'000, 2'000};
  const Attempt attempt = attempt_here(scenario);
  ShrinkBound bound;
  bound.rates = scenario.rates;
  bound.runs = *whole_range<std::uint64_t>(2, 12);
  Shrunk shrunk;
  shrunk.schedule = first_failure(scenario, seed).schedule;
  for (int resumed = 0; !shrunk.minimal; ++resumed) {
    RC_ASSERT(resumed < 20'000);
    shrunk = shrink(shrunk.schedule, attempt, bound);
    bound.tried = shrunk.tried;
  }
  for (std::size_t i = 0; i < shrunk.schedule.deviations.size(); ++i) {
    RC_ASSERT(!attempt(without(shrunk.schedule, i)).failure);
  }
}

}  // namespace
}  // namespace rehearsal::simnet
