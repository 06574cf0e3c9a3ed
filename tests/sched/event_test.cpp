#include "sched/event.hpp"

#include <string>

#include <gtest/gtest.h>

#include "sched/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

class EventTest : public ScriptedTest {
 protected:
  Task<> wait(std::string name) {
    co_await event.wait();
    log.push_back(name);
  }

  Event event;
};

TEST_F(EventTest, wakes_everyone_in_the_order_in_which_they_came) {
  for (const char* name : {"a", "b", "c"}) {
    scheduler.spawn(wait(name));
  }
  scheduler.round();
  EXPECT_EQ(log, Log{});
  event.set();
  scheduler.round();
  EXPECT_EQ(log, (Log{"a", "b", "c"}));
}

TEST_F(EventTest, is_not_waited_for_once_it_is_set) {
  event.set();
  EXPECT_TRUE(event.is_set());
  scheduler.spawn(wait("at once"));
  scheduler.round();
  EXPECT_EQ(log, Log{"at once"});
}

TEST_F(EventTest, is_waited_for_again_once_it_is_cleared) {
  event.set();
  event.clear();
  scheduler.spawn(wait("later"));
  EXPECT_EQ(scheduler.run(), RunEnd::quiescent);
  EXPECT_EQ(log, Log{});
  event.set();
  scheduler.run();
}

TEST_F(EventTest, lets_those_go_on_whom_it_woke_before_it_was_cleared) {
  scheduler.spawn(wait("woken"));
  scheduler.round();
  event.set();
  event.clear();
  scheduler.run();
  EXPECT_EQ(log, Log{"woken"});
}

TEST_F(EventTest, forgets_a_waiter_that_is_cancelled) {
  scheduler.spawn(wait("a"));
  auto doomed = scheduler.spawn(wait("b"));
  scheduler.spawn(wait("c"));
  scheduler.round();
  doomed.cancel();
  scheduler.round();
  event.set();
  scheduler.run();
  EXPECT_EQ(log, (Log{"a", "c"}));
}

TEST_F(EventTest, outlives_those_who_wait_for_it) {
  const auto end_an_event_that_is_waited_for = [this] {
    Event short_lived;
    scheduler.spawn([&short_lived]() -> Task<> { co_await short_lived.wait(); });
    scheduler.round();
  };
  EXPECT_DEATH(end_an_event_that_is_waited_for(), "what tasks wait for outlives their wait");
}

}  // namespace
}  // namespace rehearsal::sched
