#include "simnet/search/critical_step.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"
#include "simnet/trace/diagnostics.hpp"
#include "tests/simnet/search/racy_bank.hpp"

namespace rehearsal::simnet {
namespace {

RC_GTEST_PROP(CriticalStep, is_the_last_from_which_a_sample_passes, ()) {
  const auto steps = *rc::gen::inRange<std::uint64_t>(1, 10'000);
  const auto last = *rc::gen::inRange<std::uint64_t>(0, steps + 1);  // 0 if none passes
  const auto passing = *rc::gen::inRange<std::uint64_t>(0, 7);       // the sample that passes
  std::uint64_t asked = 0;
  const CriticalStep found = critical_step(steps, 7, [&](std::uint64_t step, std::uint64_t sample) {
    RC_ASSERT(step >= 1 && step <= steps && sample < 7);
    ++asked;
    return step <= last && sample == passing;
  });
  RC_ASSERT(found.step == last);
  RC_ASSERT(found.passed == (last == 0 ? 0U : 1U));
  RC_ASSERT(found.samples == 7U);
  RC_ASSERT(asked <= 7 * 16U);
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

TEST(CriticalStep, of_a_race_is_where_the_fatal_segment_is_sent) {
  const Scenario scenario = racy_bank(3, 5);
  const Schedule schedule{"bank", 3, {{{Site::late, "client-0/deposit#0>", 3}, 1'300}}};
  const RunReport report = replay_scenario(scenario, schedule).report;
  ASSERT_FALSE(report.ok());
  const CriticalStep found =
      critical_step(report.steps, 10, [&](std::uint64_t step, std::uint64_t sample) {
        return continue_scenario(scenario, schedule, step, sample).report.ok();
      });
  DiagnosticsCollector::Options options;
  options.critical_step = found.step;
  DiagnosticsCollector gatherer(options, nullptr);
  const std::array<RunWatcher*, 1> watchers = {&gatherer};
  replay_scenario(scenario, schedule, watchers);
  ASSERT_TRUE(gatherer.evidence().critical_step);
  EXPECT_EQ(gatherer.evidence().critical_step->event.task, "client-0/deposit");
  EXPECT_EQ(gatherer.evidence().critical_step->event.t, gatherer.evidence().deviations.front().at);
}

}  // namespace
}  // namespace rehearsal::simnet
