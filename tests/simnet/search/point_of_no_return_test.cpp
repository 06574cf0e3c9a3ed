#include "simnet/search/point_of_no_return.hpp"

#include <algorithm>
#include <array>
#include <cmath>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"
#include "simnet/trace/diagnostics.hpp"
#include "tests/simnet/search/racy_bank.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

// Continuations of which the share `share(step)` fails, spread evenly over the samples.
template <class Share>
Continue continuations(Share share, std::uint64_t& asked) {
  return [share, &asked](std::uint64_t step, std::uint64_t sample) {
    ++asked;
    const double before = share(step) * static_cast<double>(sample);
    return Continued{std::floor(before + share(step)) > std::floor(before), step};
  };
}

RC_GTEST_PROP(PointOfNoReturn, is_the_step_of_the_only_rise, ()) {
  const auto steps = *whole_range<std::uint64_t>(1, 10'000);
  const auto last = *whole_range_and_ends<std::uint64_t>(1, steps + 1);
  std::uint64_t asked = 0;
  const auto share = [&](std::uint64_t step) {
    RC_ASSERT(step <= steps);  // what continues after the last step is the run itself, which fails
    return step <= last ? 0.2 : 1.0;
  };
  const PointOfNoReturn found = point_of_no_return(steps, continuations(share, asked));
  RC_ASSERT(found.step == last);
  RC_ASSERT(found.from == last);
  RC_ASSERT(found.before.step == last);
  RC_ASSERT(found.before.failed == 8U);
  RC_ASSERT(found.before.samples == 40U);
  RC_ASSERT(found.after.step == last + 1);
  RC_ASSERT(found.after.failed == found.after.samples);
  RC_ASSERT(asked <= 10 * 16U + 2 * 40U);
  RC_ASSERT(std::ranges::is_sorted(found.curve, {}, &Continuations::step));
  RC_ASSERT(found.curve.front().step == 1U);
  RC_ASSERT(found.curve.back().step == steps + 1);
}

// A share that rises a little at many steps, and much at one of them.
RC_GTEST_PROP(PointOfNoReturn, is_the_step_of_the_greatest_of_several_rises, ()) {
  const auto steps = *whole_range<std::uint64_t>(20, 2'000);
  const auto greatest = *whole_range_and_ends<std::uint64_t>(1, steps + 1);
  const auto other = *whole_range_and_ends<std::uint64_t>(1, steps + 1);
  RC_PRE(greatest != other);
  const auto share = [&](std::uint64_t step) {
    return (step > greatest ? 0.6 : 0.0) + (step > other ? 0.2 : 0.0) +
           0.1 * static_cast<double>(step) / static_cast<double>(steps);
  };
  std::uint64_t asked = 0;
  RC_ASSERT(point_of_no_return(steps, continuations(share, asked)).step == greatest);
}

TEST(PointOfNoReturn, is_none_if_every_continuation_fails) {
  std::uint64_t asked = 0;
  const PointOfNoReturn found =
      point_of_no_return(100, continuations([](std::uint64_t) { return 1.0; }, asked));
  EXPECT_EQ(found.step, 0U);
  EXPECT_EQ(found.before.step, 1U);
  EXPECT_EQ(found.before.failed, found.before.samples);
}

TEST(PointOfNoReturn, of_a_run_without_steps_or_without_samples_is_none) {
  std::uint64_t asked = 0;
  const Continue passes = continuations([](std::uint64_t) { return 0.0; }, asked);
  EXPECT_TRUE(point_of_no_return(0, passes).curve.empty());
  ContinuationBound bound;
  bound.runs = 0;
  EXPECT_TRUE(point_of_no_return(10, passes, bound).curve.empty());
  EXPECT_EQ(asked, 0U);
}

TEST(PointOfNoReturn, of_a_long_run_takes_fewer_samples_and_ends_at_its_bound) {
  constexpr std::uint64_t steps = 1'000'000;
  std::uint64_t taken = 0;
  const Continue proceed = [&](std::uint64_t step, std::uint64_t /*sample*/) {
    taken += steps;
    return Continued{step > 700'000, steps};
  };
  ContinuationBound bound;
  bound.steps = 100 * steps;
  EXPECT_EQ(point_of_no_return(steps, proceed, bound).step, 700'000U);
  EXPECT_LE(taken, bound.steps);

  bound.steps = 10 * steps;
  taken = 0;
  const PointOfNoReturn found = point_of_no_return(steps, proceed, bound);
  EXPECT_LE(taken, bound.steps);
  EXPECT_LT(found.from, 700'000U);
  EXPECT_GE(found.step, 700'000U);
  EXPECT_LT(found.step - found.from, steps / 8);
}

TEST(Continue, from_the_first_step_keeps_the_parameters_and_nothing_else) {
  const Scenario scenario = racy_bank(5, 5);
  const Schedule failing =
      shrink(first_failure(scenario).schedule, attempt_here(scenario)).schedule;
  Schedule larger = failing;
  larger.deviations.push_back({{Site::program, "world:clients", 0}, 3});
  const RunResult run = continue_scenario(scenario, larger, 1, 0);
  EXPECT_TRUE(run.report.ok());
  EXPECT_EQ(run.schedule.deviations,
            (std::vector<Deviation>{{{Site::program, "world:clients", 0}, 3}}));
}

TEST(Continue, past_the_end_is_the_run_itself) {
  const Scenario scenario = racy_bank(3, 5);
  const RunResult found = first_failure(scenario);
  const RunResult again = continue_scenario(scenario, found.schedule, found.report.steps + 1, 7);
  EXPECT_EQ(again.report.digest, found.report.digest);
}

TEST(Continue, is_another_run_for_each_seed_and_the_same_for_the_same) {
  const Scenario scenario = racy_bank(3, 5);
  const Schedule schedule = first_failure(scenario).schedule;
  const auto digest = [&](std::uint64_t seed) {
    return continue_scenario(scenario, schedule, 5, seed).report.digest;
  };
  EXPECT_EQ(digest(1), digest(1));
  EXPECT_NE(digest(1), digest(2));
}

TEST(PointOfNoReturn, of_a_race_is_where_the_fatal_segment_is_sent) {
  const Scenario scenario = racy_bank(3, 5);
  const Schedule schedule{"bank", 3, {{{Site::late, "client-0/deposit#0>", 3}, 1'300}}};
  const RunReport report = replay_scenario(scenario, schedule).report;
  ASSERT_FALSE(report.ok());
  const PointOfNoReturn found =
      point_of_no_return(report.steps, [&](std::uint64_t step, std::uint64_t sample) {
        const RunReport other = continue_scenario(scenario, schedule, step, sample).report;
        return Continued{!other.ok(), other.steps};
      });
  EXPECT_EQ(found.from, found.step);
  DiagnosticsCollector::Options options;
  options.point_of_no_return = found.step;
  DiagnosticsCollector gatherer(options);
  const std::array<RunWatcher*, 1> watchers = {&gatherer};
  replay_scenario(scenario, schedule, watchers);
  const Diagnostics& evidence = gatherer.evidence();
  ASSERT_TRUE(evidence.point_of_no_return);
  EXPECT_EQ(evidence.point_of_no_return->event.task, "client-0/deposit");
  EXPECT_EQ(evidence.point_of_no_return->event.t, evidence.deviations.front().at);
}

}  // namespace
}  // namespace rehearsal::simnet
