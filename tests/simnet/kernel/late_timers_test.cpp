// A timer may fire late: a choice for each wait of a task that a timer would end.
#include <algorithm>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/timeout.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

Deviation late(std::string task, std::uint32_t wait, std::uint32_t microseconds) {
  return {{Site::timer, std::move(task), wait}, microseconds};
}

// Sleeps `times` times for 10 ms, and notes when each sleep ended.
Task<> sleep(ProgramHost& host, std::vector<sched::Duration>& awake, int times) {
  for (int i = 0; i < times; ++i) {
    co_await sched::sleep_for(10ms);
    awake.push_back(host.now().time_since_epoch());
  }
}

bool is_about(sched::Duration time, sched::Duration expected) {
  return time >= expected && time < expected + 1ms;
}

TEST(LateTimers, fire_later_by_the_value_of_the_choice_while_others_fire_in_time) {
  World world({late("a/sleep", 2, 5'000)});
  std::vector<sched::Duration> late_ones;
  std::vector<sched::Duration> others;
  world.host("a").spawn("sleep", [&](ProgramHost& host) { return sleep(host, late_ones, 3); });
  world.host("a").spawn("other", [&](ProgramHost& host) { return sleep(host, others, 3); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(world.choices().not_applied().empty());
  ASSERT_EQ(late_ones.size(), 3U);
  EXPECT_TRUE(is_about(late_ones[0], 10ms));
  EXPECT_TRUE(is_about(late_ones[1], 25ms));
  EXPECT_TRUE(is_about(late_ones[2], 35ms));
  ASSERT_EQ(others.size(), 3U);
  EXPECT_TRUE(is_about(others[1], 20ms));
}

Task<> sleep_10ms() { co_await sched::sleep_for(10ms); }

Task<> sleep_within(ProgramHost& host, bool& timed_out, sched::Duration& awake) {
  try {
    co_await sched::with_timeout(10ms, sleep_10ms());
  } catch (const std::system_error& error) {
    timed_out = error.code() == std::errc::timed_out;
  }
  awake = host.now().time_since_epoch();
}

// Returns whether the timeout fired, and when the task continued.
std::pair<bool, sched::Duration> run_within(std::vector<Deviation> deviations) {
  World world(std::move(deviations));
  bool timed_out = false;
  sched::Duration awake{};
  world.host("a").spawn("sleep",
                        [&](ProgramHost& host) { return sleep_within(host, timed_out, awake); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(world.choices().not_applied().empty());
  return {timed_out, awake};
}

TEST(LateTimers, put_off_the_first_timer_of_a_wait_only) {
  const auto [first, in_time] = run_within({});
  EXPECT_TRUE(is_about(in_time, 10ms));
  // The timer that would have been first is late, so the other one ends the wait in time.
  const auto [second, also_in_time] = run_within({late("a/sleep", 1, 5'000)});
  EXPECT_NE(first, second);
  EXPECT_TRUE(is_about(also_in_time, 10ms));
}

TEST(LateTimers, are_choices_that_a_replay_makes_again) {
  Policy policy = Policy::random(1, Rates{});
  policy[Site::timer] = {500'000, 3'000};
  World world(policy);
  std::vector<sched::Duration> awake;
  const auto add = [&awake](World& to) {
    awake.clear();
    to.host("a").spawn("sleep", [&](ProgramHost& host) { return sleep(host, awake, 40); });
  };
  add(world);
  const RunReport found = world.run();
  EXPECT_TRUE(found.ok());
  const std::vector<sched::Duration> before = awake;
  EXPECT_GT(before.back(), 415ms);
  EXPECT_GT(world.choices().deviations().size(), 10U);
  World replayed(world.choices().deviations());
  add(replayed);
  EXPECT_EQ(replayed.run().digest, found.digest);
  EXPECT_EQ(awake, before);
  EXPECT_TRUE(replayed.choices().not_applied().empty());
}

TEST(LateTimers, are_usual) { EXPECT_NE(Rates::usual()[Site::timer].per_million, 0U); }

}  // namespace
}  // namespace rehearsal::simnet
