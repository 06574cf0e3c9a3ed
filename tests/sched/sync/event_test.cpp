#include "sched/sync/event.hpp"

#include <string>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

class EventTest : public ScriptedTest {
 protected:
  Task<> wait(std::string name) {
    co_await event_.wait();
    log_.push_back(name);
  }

  Event event_;
};

TEST_F(EventTest, wakes_everyone_in_the_order_in_which_they_came) {
  for (const char* name : {"a", "b", "c"}) {
    scheduler_.spawn(wait(name));
  }
  scheduler_.round();
  EXPECT_EQ(log_, Log{});
  event_.set();
  scheduler_.round();
  EXPECT_EQ(log_, (Log{"a", "b", "c"}));
}

TEST_F(EventTest, is_not_waited_for_once_it_is_set) {
  event_.set();
  EXPECT_TRUE(event_.is_set());
  scheduler_.spawn(wait("at once"));
  scheduler_.round();
  EXPECT_EQ(log_, Log{"at once"});
}

TEST_F(EventTest, is_waited_for_again_once_it_is_cleared) {
  event_.set();
  event_.clear();
  scheduler_.spawn(wait("later"));
  EXPECT_EQ(scheduler_.run(), RunEnd::quiescent);
  EXPECT_EQ(log_, Log{});
  event_.set();
  scheduler_.run();
}

TEST_F(EventTest, lets_tasks_continue_that_it_woke_before_it_was_cleared) {
  scheduler_.spawn(wait("woken"));
  scheduler_.round();
  event_.set();
  event_.clear();
  scheduler_.run();
  EXPECT_EQ(log_, Log{"woken"});
}

TEST_F(EventTest, forgets_a_waiter_that_is_cancelled) {
  scheduler_.spawn(wait("a"));
  auto doomed = scheduler_.spawn(wait("b"));
  scheduler_.spawn(wait("c"));
  scheduler_.round();
  doomed.cancel();
  scheduler_.round();
  event_.set();
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a", "c"}));
}

TEST_F(EventTest, outlives_the_tasks_that_wait_for_it) {
  const auto end_an_event_that_is_waited_for = [this] {
    Event short_lived;
    scheduler_.spawn([&short_lived]() -> Task<> { co_await short_lived.wait(); });
    scheduler_.round();
  };
  EXPECT_DEATH(end_an_event_that_is_waited_for(), "what tasks wait for outlives their wait");
}

}  // namespace
}  // namespace rehearsal::sched
