#include "sched/sync/finally.hpp"

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class FinallyTest : public ScriptedTest {
 protected:
  Task<int> body(Duration how_long) {
    const Farewell frame(log_, "the body is gone");
    co_await sleep_for(how_long);
    co_return 7;
  }
  Task<int> failing_body() {
    co_await sleep_for(1ms);
    throw std::runtime_error("the body failed");
  }
  // A clean-up that takes `how_long`.
  auto clean_up(Duration how_long) {
    return [this, how_long]() -> Task<> {
      log_.push_back("cleaning up");
      co_await sleep_for(how_long);
      log_.push_back("clean");
    };
  }
  static Task<> failing_clean_up() {
    throw std::logic_error("the clean-up failed");
    co_return;
  }
};

TEST_F(FinallyTest, cleans_up_after_a_result_and_returns_it) {
  EXPECT_EQ(run(finally(body(1ms), clean_up(1ms), 1s)), 7);
  EXPECT_EQ(log_, (Log{"the body is gone", "cleaning up", "clean"}));
}

TEST_F(FinallyTest, cleans_up_after_a_failure_and_rethrows_it) {
  EXPECT_THROW(run(finally(failing_body(), clean_up(1ms), 1s)), std::runtime_error);
  EXPECT_EQ(log_, (Log{"cleaning up", "clean"}));
}

TEST_F(FinallyTest, cleans_up_after_a_cancellation_in_a_task_of_its_own) {
  auto handle = scheduler_.spawn("session", finally(body(1h), clean_up(1ms), 1s));
  scheduler_.round();
  handle.cancel();
  scheduler_.round();
  EXPECT_TRUE(handle.task().cancelled());
  EXPECT_EQ(scheduler_.tasks().front().path, "session/finally");
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"the body is gone", "cleaning up", "clean"}));
}

TEST_F(FinallyTest, cleans_up_once_where_the_task_is_cancelled_during_the_clean_up) {
  auto handle = scheduler_.spawn(finally(body(0ms), clean_up(1h), 2h));
  scheduler_.run_until([this] { return log_.size() == 2; });
  handle.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"the body is gone", "cleaning up", "clean"}));
}

TEST_F(FinallyTest, gives_the_clean_up_no_more_than_its_limit) {
  EXPECT_EQ(error_of([this] { run(finally(body(0ms), clean_up(1h), 5ms)); }), std::errc::timed_out);
  EXPECT_EQ(log_, (Log{"the body is gone", "cleaning up"}));
  EXPECT_EQ(scheduler_.now(), at(5ms));
}

TEST_F(FinallyTest, gives_the_clean_up_of_a_cancelled_task_no_more_than_its_limit) {
  auto handle = scheduler_.spawn(finally(body(1h), clean_up(1h), 5ms));
  scheduler_.round();
  handle.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(scheduler_.now(), at(5ms));
}

TEST_F(FinallyTest, throws_what_the_clean_up_throws_unless_the_body_failed_too) {
  EXPECT_THROW(run(finally(body(0ms), failing_clean_up, 1s)), std::logic_error);
  EXPECT_THROW(run(finally(failing_body(), failing_clean_up, 1s)), std::runtime_error);
}

TEST_F(FinallyTest, cleans_up_nothing_where_the_body_was_never_begun) {
  auto handle = scheduler_.spawn(finally(body(1h), clean_up(1ms), 1s));
  handle.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, Log{});
}

TEST_F(FinallyTest, runs_no_clean_up_on_a_scheduler_that_is_being_destroyed) {
  {
    simnet::ScriptedSource other_source;
    Scheduler<simnet::ScriptedSource> other(other_source);
    other.spawn(finally(body(1h), clean_up(1ms), 1s));
    other.round();
  }
  EXPECT_EQ(log_, Log{"the body is gone"});
}

}  // namespace
}  // namespace rehearsal::sched
