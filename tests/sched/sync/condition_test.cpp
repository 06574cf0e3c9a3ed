#include "sched/sync/condition.hpp"

#include <string>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

class ConditionTest : public ScriptedTest {
 protected:
  // Waits to be notified once.
  Task<> wait(std::string name) {
    auto lock = co_await mutex_.lock();
    co_await condition_.wait(lock);
    EXPECT_TRUE(lock.held());
    EXPECT_TRUE(mutex_.is_locked());
    log_.push_back(name);
  }

  Mutex mutex_;
  Condition condition_{mutex_};
};

TEST_F(ConditionTest, unlocks_while_it_waits_and_locks_again_before_it_continues) {
  scheduler_.spawn(wait("notified"));
  scheduler_.run();
  EXPECT_FALSE(mutex_.is_locked());
  auto lock = mutex_.try_lock();
  condition_.notify_one();
  scheduler_.run();
  EXPECT_EQ(log_, Log{});
  lock.release();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, Log{"notified"});
  EXPECT_FALSE(mutex_.is_locked());
}

TEST_F(ConditionTest, notifies_the_one_that_has_waited_longest) {
  for (const char* name : {"a", "b", "c"}) {
    scheduler_.spawn(wait(name));
  }
  scheduler_.run();
  condition_.notify_one();
  scheduler_.run();
  EXPECT_EQ(log_, Log{"a"});
  condition_.notify_one();
  condition_.notify_one();
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a", "b", "c"}));
}

TEST_F(ConditionTest, notifies_all_in_the_order_in_which_they_came) {
  for (const char* name : {"a", "b", "c"}) {
    scheduler_.spawn(wait(name));
  }
  scheduler_.run();
  condition_.notify_all();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"a", "b", "c"}));
}

TEST_F(ConditionTest, keeps_no_notification_for_tasks_that_come_later) {
  condition_.notify_one();
  scheduler_.spawn(wait("late"));
  EXPECT_EQ(scheduler_.run(), RunEnd::quiescent);
  condition_.notify_one();
  scheduler_.run();
}

TEST_F(ConditionTest, passes_the_notification_of_a_cancelled_waiter_on) {
  auto doomed = scheduler_.spawn(wait("doomed"));
  scheduler_.spawn(wait("next"));
  scheduler_.run();
  condition_.notify_one();
  doomed.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, Log{"next"});
}

TEST_F(ConditionTest, passes_it_on_also_where_the_waiter_is_cancelled_while_it_locks_again) {
  auto doomed = scheduler_.spawn(wait("doomed"));
  scheduler_.spawn(wait("next"));
  scheduler_.run();
  auto lock = mutex_.try_lock();
  condition_.notify_one();
  scheduler_.run();
  EXPECT_EQ(doomed.task().waits_on(), "mutex");
  doomed.cancel();
  scheduler_.run();
  lock.release();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, Log{"next"});
}

TEST_F(ConditionTest, is_waited_for_only_by_tasks_that_hold_its_mutex) {
  const auto wait_without = [this]() -> Task<> {
    Mutex::Lock lock;
    co_await condition_.wait(lock);
  };
  EXPECT_DEATH(run(wait_without), "a task that waits for a condition holds its mutex");
}

}  // namespace
}  // namespace rehearsal::sched
