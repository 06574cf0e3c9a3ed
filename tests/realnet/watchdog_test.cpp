#include "realnet/watchdog.hpp"

#include <thread>

#include "tests/realnet/loopback.hpp"

namespace rehearsal::realnet {
namespace {

using sched::Task;

// Blocks the loop, and every task with it.
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
  // On a busy machine its other resumptions may also take long.
  std::erase_if(stalls, [&](const Stall& stall) { return stall.from.line() != resumed_at; });
  ASSERT_EQ(stalls.size(), 1U);
  EXPECT_EQ(stalls[0].path, "greedy");
  EXPECT_GE(stalls[0].held, 60ms);
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

// Returns true if `stalls_at` counts no stall in one try, with a limit that grows from try to try.
// On a busy machine a task may lose the processor for longer than the limit.
template <class StallsAt>
bool holds_nobody(StallsAt stalls_at) {
  sched::Duration limit = 50ms;
  for (int tries = 0; tries < 8; ++tries, limit *= 2) {
    if (stalls_at(limit) == 0) {
      return true;
    }
  }
  return false;
}

TYPED_TEST(WatchdogOver, waiting_is_not_holding) {
  EXPECT_TRUE(holds_nobody([&](sched::Duration limit) {
    int stalls = 0;
    Watchdog watchdog(limit, [&](const Stall& /*stall*/) { ++stalls; });
    sched::Scheduler<TypeParam> scheduler(this->net_);
    scheduler.observe(watchdog);
    const auto sleeps = [limit]() -> Task<> { co_await sched::sleep_for(limit * 6 / 5); };
    scheduler.spawn("sleeps", sleeps).detach();
    scheduler.run();
    return stalls;
  }));
}

TYPED_TEST(WatchdogOver, to_be_cancelled_is_not_holding) {
  EXPECT_TRUE(holds_nobody([&](sched::Duration limit) {
    int stalls = 0;
    Watchdog watchdog(limit, [&](const Stall& /*stall*/) { ++stalls; });
    sched::Scheduler<TypeParam> scheduler(this->net_);
    scheduler.observe(watchdog);
    auto sleeper = scheduler.spawn("sleeps", []() -> Task<> { co_await sched::sleep_for(1h); });
    scheduler.round();
    hold(limit * 6 / 5);
    sleeper.cancel();
    scheduler.run();
    return stalls;
  }));
}

TEST(Stall, reports_task_duration_and_place_in_one_line) {
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
