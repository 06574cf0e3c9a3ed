#include "sched/sync/mutex.hpp"

#include <string>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using MutexTest = ScriptedTest;

TEST_F(MutexTest, lets_one_in_at_a_time_first_come_first_served) {
  Mutex mutex;
  const auto visit = [&](std::string name) -> Task<> {
    const auto lock = co_await mutex.lock();
    log_.push_back(name + " in");
    co_await sleep_for(1ms);
    log_.push_back(name + " out");
  };
  for (const char* name : {"a", "b", "c"}) {
    scheduler_.spawn("", visit, name);
  }
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a in", "a out", "b in", "b out", "c in", "c out"}));
  EXPECT_FALSE(mutex.is_locked());
}

TEST_F(MutexTest, cannot_be_taken_by_tasks_that_only_try_while_it_is_locked) {
  Mutex mutex;
  auto lock = mutex.try_lock();
  EXPECT_TRUE(mutex.is_locked());
  EXPECT_FALSE(mutex.try_lock().held());
  lock.release();
  EXPECT_FALSE(mutex.is_locked());
  EXPECT_TRUE(mutex.try_lock().held());
}

TEST_F(MutexTest, is_unlocked_when_its_holder_is_cancelled) {
  Mutex mutex;
  auto holder = scheduler_.spawn([&]() -> Task<> {
    const auto lock = co_await mutex.lock();
    co_await sleep_until(never);
  });
  auto waiter = scheduler_.spawn([&]() -> Task<> { const auto mine = co_await mutex.lock(); });
  scheduler_.round();
  EXPECT_EQ(waiter.task().waits_on(), "mutex");
  holder.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_FALSE(waiter.task().cancelled());
}

}  // namespace
}  // namespace rehearsal::sched
