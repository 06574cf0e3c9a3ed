#include "sched/sync/sleep.hpp"

#include <string>

#include <gtest/gtest.h>

#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class SleepTest : public ScriptedTest {
 protected:
  Task<> sleep_then_note(std::string name, Duration how_long) {
    co_await sleep_for(how_long);
    log_.push_back(name);
  }
};

TEST_F(SleepTest, lasts_as_long_as_requested) {
  run([this]() -> Task<> {
    co_await sleep_for(5ms);
    EXPECT_EQ(scheduler_.now(), at(5ms));
    co_await sleep_until(at(8ms));
    EXPECT_EQ(scheduler_.now(), at(8ms));
  });
}

TEST_F(SleepTest, is_never_short_however_often_the_source_wakes_up_before) {
  source_ = simnet::ScriptedSource({takes(2ms), takes(2999us), takes(0ns), takes(3us)});
  run([this]() -> Task<> {
    co_await sleep_for(5ms);
    EXPECT_EQ(scheduler_.now(), at(5002us));
  });
}

TEST_F(SleepTest, ends_in_the_order_of_deadlines_and_then_of_beginnings) {
  scheduler_.spawn(sleep_then_note("20 ms", 20ms));
  scheduler_.spawn(sleep_then_note("10 ms", 10ms));
  scheduler_.spawn(sleep_then_note("10 ms, begun later", 10ms));
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"10 ms", "10 ms, begun later", "20 ms"}));
}

TEST_F(SleepTest, counts_from_the_co_await) {
  run([this]() -> Task<> {
    Sleep nap = sleep_for(5ms);
    co_await sleep_for(10ms);
    co_await nap;
    EXPECT_EQ(scheduler_.now(), at(15ms));
  });
}

TEST_F(SleepTest, of_no_time_still_lets_the_source_be_asked_once) {
  run([this]() -> Task<> {
    co_await sleep_for(0ms);
    EXPECT_EQ(source_.waits_done(), 1U);
    co_await sleep_for(-5ms);
    EXPECT_EQ(source_.waits_done(), 2U);
    co_await sleep_until(at(-5ms));
    EXPECT_EQ(source_.waits_done(), 3U);
    EXPECT_EQ(scheduler_.now(), at(0ms));
  });
}

TEST_F(SleepTest, of_more_than_all_time_lasts_forever) {
  const auto handle = scheduler_.spawn(sleep_then_note("never", Duration::max()));
  EXPECT_EQ(scheduler_.run(), RunEnd::quiescent);
  EXPECT_EQ(handle.task().waits_on(), "sleep");
}

TEST_F(SleepTest, leaves_no_timer_behind_when_it_is_cancelled) {
  auto handle = scheduler_.spawn(sleep_then_note("never", 1h));
  scheduler_.round();
  EXPECT_EQ(scheduler_.timers().size(), 1U);
  handle.cancel();
  scheduler_.run();
  EXPECT_EQ(scheduler_.timers().size(), 0U);
  EXPECT_EQ(scheduler_.now(), at(0ms));
}

TEST_F(SleepTest, yield_goes_behind_the_tasks_that_are_ready) {
  for (const char* name : {"a", "b"}) {
    scheduler_.spawn(
        "",
        [this](std::string task) -> Task<> {
          log_.push_back(task + " before");
          co_await yield();
          log_.push_back(task + " after");
        },
        name);
  }
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a before", "b before", "a after", "b after"}));
}

}  // namespace
}  // namespace rehearsal::sched
