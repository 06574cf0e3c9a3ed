#include "realnet/watchdog.hpp"

#include <thread>

#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

using sched::Task;

// Holds the loop, and everyone who waits for it.
void hold(sched::Duration how_long) { std::this_thread::sleep_for(how_long); }

template <class Net>
class WatchdogOver : public OverKernel<Net> {};
TYPED_TEST_SUITE(WatchdogOver, BothNetworks, NetworkNames);

TYPED_TEST(WatchdogOver, names_the_task_that_held_the_loop_and_its_lines) {
  std::vector<Stall> stalls;
  Watchdog watchdog(20ms, [&](const Stall& stall) { stalls.push_back(stall); });
  sched::Scheduler<TypeParam> scheduler(this->net_);
  scheduler.observe(watchdog);
  unsigned resumed_at = 0;
  scheduler
      .spawn("greedy",
             [&]() -> Task<> {
               resumed_at = __LINE__ + 1;
               co_await sched::yield();
               hold(60ms);
               co_await sched::yield();
             })
      .detach();
  scheduler.run();
  ASSERT_EQ(stalls.size(), 1U);
  EXPECT_EQ(stalls[0].path, "greedy");
  EXPECT_GE(stalls[0].held, 60ms);
  EXPECT_EQ(stalls[0].from.line(), resumed_at);
  EXPECT_EQ(stalls[0].to.line(), resumed_at + 2);
}

TYPED_TEST(WatchdogOver, a_task_that_never_waits_goes_from_its_start_to_its_end) {
  std::vector<Stall> stalls;
  Watchdog watchdog(20ms, [&](const Stall& stall) { stalls.push_back(stall); });
  sched::Scheduler<TypeParam> scheduler(this->net_);
  scheduler.observe(watchdog);
  scheduler
      .spawn("brief",
             []() -> Task<> {
               hold(60ms);
               co_return;
             })
      .detach();
  scheduler.run();
  ASSERT_EQ(stalls.size(), 1U);
  EXPECT_EQ(stalls[0].from.line(), 0U);
  EXPECT_EQ(stalls[0].to.line(), 0U);
}

TYPED_TEST(WatchdogOver, waiting_is_not_holding) {
  int stalls = 0;
  Watchdog watchdog(500ms, [&](const Stall& /*stall*/) { ++stalls; });
  sched::Scheduler<TypeParam> scheduler(this->net_);
  scheduler.observe(watchdog);
  scheduler.spawn("sleeps", []() -> Task<> { co_await sched::sleep_for(600ms); }).detach();
  scheduler.run();
  EXPECT_EQ(stalls, 0);
}

TYPED_TEST(WatchdogOver, to_be_cancelled_is_not_holding) {
  int stalls = 0;
  Watchdog watchdog(500ms, [&](const Stall& /*stall*/) { ++stalls; });
  sched::Scheduler<TypeParam> scheduler(this->net_);
  scheduler.observe(watchdog);
  auto sleeper = scheduler.spawn("sleeps", []() -> Task<> { co_await sched::sleep_for(1h); });
  scheduler.round();
  hold(600ms);
  sleeper.cancel();
  scheduler.run();
  EXPECT_EQ(stalls, 0);
}

TEST(Stall, says_in_one_line_who_how_long_and_where) {
  Stall stall;
  stall.path = "server/sessions/3";
  stall.held = 132'456us;
  EXPECT_EQ(stall.to_string(),
            "server/sessions/3 held the loop for 132.4 ms, from its start to its end");
  stall.from = std::source_location::current();
  const auto line = std::to_string(stall.from.line());
  EXPECT_EQ(stall.to_string(),
            "server/sessions/3 held the loop for 132.4 ms, from "
            "watchdog_test.cpp:" +
                line + " to its end");
}

}  // namespace
}  // namespace rehearsal::realnet
