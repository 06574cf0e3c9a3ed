#include "sched/sync/semaphore.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class SemaphoreTest : public ScriptedTest {
 protected:
  Task<> hold_a_permit(std::string name, Duration how_long) {
    const auto permit = co_await semaphore_.acquire();
    log_.push_back(name + " holds");
    co_await sleep_for(how_long);
    log_.push_back(name + " ends");
  }

  Semaphore semaphore_{2};
};

TEST_F(SemaphoreTest, lets_as_many_in_as_it_has_permits_first_come_first_served) {
  for (const char* name : {"a", "b", "c", "d"}) {
    scheduler_.spawn(hold_a_permit(name, 1ms));
  }
  scheduler_.round();
  EXPECT_EQ(log_, (Log{"a holds", "b holds"}));
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a holds", "b holds", "a ends", "b ends", "c holds", "d holds", "c ends",
                       "d ends"}));
  EXPECT_EQ(semaphore_.free(), 2U);
}

TEST_F(SemaphoreTest, passes_a_released_permit_to_the_first_waiter_and_lets_no_task_slip_in) {
  auto one = semaphore_.try_acquire();
  auto two = semaphore_.try_acquire();
  scheduler_.spawn(hold_a_permit("waiter", 0ms));
  scheduler_.round();
  one.release();
  EXPECT_FALSE(semaphore_.try_acquire().held());
  scheduler_.spawn(hold_a_permit("newcomer", 0ms));
  scheduler_.run_until([this] { return !log_.empty(); });
  EXPECT_EQ(log_, Log{"waiter holds"});
  scheduler_.run();
}

TEST_F(SemaphoreTest, gives_a_permit_back_once) {
  auto permit = semaphore_.try_acquire();
  EXPECT_TRUE(permit.held());
  EXPECT_EQ(semaphore_.free(), 1U);
  {
    auto moved = std::move(permit);
    EXPECT_FALSE(permit.held());  // NOLINT(bugprone-use-after-move)
    EXPECT_EQ(semaphore_.free(), 1U);
    moved.release();
    EXPECT_FALSE(moved.held());
    EXPECT_EQ(semaphore_.free(), 2U);
  }
  EXPECT_EQ(semaphore_.free(), 2U);
}

TEST_F(SemaphoreTest, has_nothing_for_tasks_that_only_try_when_all_is_taken) {
  const auto one = semaphore_.try_acquire();
  const auto two = semaphore_.try_acquire();
  EXPECT_FALSE(semaphore_.try_acquire().held());
}

TEST_F(SemaphoreTest, forgets_a_waiter_that_is_cancelled) {
  auto one = semaphore_.try_acquire();
  const auto two = semaphore_.try_acquire();
  auto doomed = scheduler_.spawn(hold_a_permit("doomed", 0ms));
  scheduler_.spawn(hold_a_permit("next", 0ms));
  scheduler_.round();
  doomed.cancel();
  scheduler_.round();
  one.release();
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"next holds", "next ends"}));
}

TEST_F(SemaphoreTest, says_in_the_list_of_tasks_what_it_is) {
  Semaphore connections(1, "a free connection");
  auto permit = connections.try_acquire();
  const auto waiter =
      scheduler_.spawn([&]() -> Task<> { const auto mine = co_await connections.acquire(); });
  scheduler_.round();
  EXPECT_EQ(waiter.task().waits_on(), "a free connection");
  permit.release();
  scheduler_.run();
}

}  // namespace
}  // namespace rehearsal::sched
