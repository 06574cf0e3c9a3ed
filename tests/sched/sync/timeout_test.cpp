#include "sched/sync/timeout.hpp"

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/event.hpp"
#include "sched/sync/semaphore.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/task_group.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class TimeoutTest : public ScriptedTest {
 protected:
  // Takes `how_long`, and records when its frame is destroyed.
  Task<int> work(Duration how_long, std::string name = "work") {
    const Farewell frame(log_, name + " is gone");
    co_await sleep_for(how_long);
    log_.push_back(name + " is finished");
    co_return 7;
  }
  // Runs `body` within a limit; returns 0 if that was not enough.
  Task<int> limited(Duration limit, Task<int> body) {
    try {
      const int result = co_await with_timeout(limit, std::move(body));
      co_return result;
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::timed_out);
      log_.push_back("timed out");
    }
    co_return 0;
  }
};

TEST_F(TimeoutTest, gives_the_result_of_what_ends_in_time_and_leaves_no_timer) {
  EXPECT_EQ(run(limited(5ms, work(4ms))), 7);
  EXPECT_EQ(scheduler_.now(), at(4ms));
  EXPECT_EQ(scheduler_.timers().size(), 0U);
}

TEST_F(TimeoutTest, cancels_a_task_that_has_not_ended_and_only_then_continues) {
  EXPECT_EQ(run(limited(5ms, work(1h))), 0);
  EXPECT_EQ(log_, (Log{"work is gone", "timed out"}));
  EXPECT_EQ(scheduler_.now(), at(5ms));
  EXPECT_EQ(scheduler_.timers().size(), 0U);
}

TEST_F(TimeoutTest, passes_on_what_the_body_throws) {
  const auto fail = []() -> Task<int> {
    throw std::runtime_error("failed");
    co_return 0;
  };
  EXPECT_THROW(run(limited(5ms, fail())), std::runtime_error);
  EXPECT_EQ(scheduler_.timers().size(), 0U);
}

TEST_F(TimeoutTest, lets_the_inner_one_of_two_fire_alone) {
  EXPECT_EQ(run(limited(10ms, limited(5ms, work(1h)))), 0);
  EXPECT_EQ(log_, (Log{"work is gone", "timed out"}));
  EXPECT_EQ(scheduler_.now(), at(5ms));
}

TEST_F(TimeoutTest, cancels_an_inner_one_together_with_its_body) {
  EXPECT_EQ(run(limited(5ms, limited(10ms, work(1h)))), 0);
  EXPECT_EQ(log_, (Log{"work is gone", "timed out"}));
  EXPECT_EQ(scheduler_.now(), at(5ms));
}

TEST_F(TimeoutTest, fires_once_where_two_are_due_at_the_same_instant) {
  EXPECT_EQ(run(limited(5ms, limited(5ms, work(1h)))), 0);
  EXPECT_EQ(log_, (Log{"work is gone", "timed out"}));
}

TEST_F(TimeoutTest, fires_for_the_outer_one_after_the_inner_one_fired_in_the_same_poll) {
  source_ = simnet::ScriptedSource({takes(20ms)});
  EXPECT_EQ(run(limited(10ms, limited(5ms, work(1h)))), 0);
  EXPECT_EQ(log_, (Log{"work is gone", "timed out"}));
}

TEST_F(TimeoutTest, of_no_time_lets_the_body_run_as_far_as_it_need_not_wait) {
  const auto at_once = []() -> Task<int> { co_return 7; };
  EXPECT_EQ(run(limited(0ms, at_once())), 7);
  EXPECT_EQ(run(limited(0ms, work(1ms))), 0);
}

TEST_F(TimeoutTest, of_more_than_all_time_sets_no_timer) {
  auto handle = scheduler_.spawn(limited(Duration::max(), work(1h)));
  scheduler_.round();
  EXPECT_EQ(scheduler_.timers().size(), 1U);  // the sleep's own
  scheduler_.run();
  EXPECT_EQ(handle.take(), 7);
}

TEST_F(TimeoutTest, may_be_an_instant) {
  const auto body = [this]() -> Task<> { co_await with_deadline(at(5ms), work(1h)); };
  EXPECT_EQ(run(failure_of(body())), std::errc::timed_out);
  EXPECT_EQ(scheduler_.now(), at(5ms));
}

TEST_F(TimeoutTest, destroys_the_children_of_the_body) {
  const auto body = [this]() -> Task<int> {
    TaskGroup group(scheduler_);
    group.spawn(work(1h, "a child"));
    group.spawn(work(1h, "its sister"));
    co_await group.join();
    co_return 7;
  };
  EXPECT_EQ(run(limited(5ms, body())), 0);
  EXPECT_EQ(log_, (Log{"its sister is gone", "a child is gone", "timed out"}));
  EXPECT_EQ(scheduler_.task_count(), 0U);
}

TEST_F(TimeoutTest, gives_back_a_permit_that_came_in_the_same_poll) {
  Semaphore semaphore(1);
  auto permit = semaphore.try_acquire();
  const auto acquire = [&]() -> Task<int> {
    const auto mine = co_await semaphore.acquire();
    co_return 7;
  };
  scheduler_.spawn([&]() -> Task<> {
    co_await sleep_until(at(5ms) - 1ns);
    co_await yield();
    permit.release();
  });
  source_ = simnet::ScriptedSource({takes(5ms - 1ns), takes(1ns)});
  EXPECT_EQ(run(limited(5ms, acquire())), 0);
  EXPECT_EQ(semaphore.free(), 1U);
}

TEST_F(TimeoutTest, takes_the_task_out_of_a_wait_for_a_socket) {
  const Handle handle = scheduler_.handles().open(7, Readiness::none);
  const auto receive = [&]() -> Task<int> {
    co_await scheduler_.wait(handle, Direction::recv);
    co_return 7;
  };
  EXPECT_EQ(run(limited(5ms, receive())), 0);
  EXPECT_TRUE(source_.watched().empty());
}

}  // namespace
}  // namespace rehearsal::sched
