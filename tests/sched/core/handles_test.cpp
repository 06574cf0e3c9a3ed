#include "sched/core/handles.hpp"

#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using simnet::ScriptedSource;

class HandlesTest : public ScriptedTest {
 protected:
  // Waits once in each direction, and records which readiness came.
  void wait_both_ways(Handle on) {
    scheduler_.spawn(wait("recv", on, Direction::recv));
    scheduler_.spawn(wait("send", on, Direction::send));
  }
  Task<> wait(std::string name, Handle on, Direction way) {
    co_await scheduler_.wait(on, way);
    log_.push_back(name);
  }
  void report(Readiness what, Descriptor descriptor = 7) {
    scheduler_.handles().report({descriptor, what});
  }

  Handle handle_ = scheduler_.handles().open(7, Readiness::none);
};

TEST_F(HandlesTest, are_of_the_descriptor_0_too) {
  const Handle zero = scheduler_.handles().open(0, Readiness::none);
  EXPECT_EQ(zero.descriptor, 0);
  scheduler_.handles().close(zero);
}

TEST_F(HandlesTest, keep_a_report_that_comes_before_anyone_waits) {
  report(Readiness::recv);
  scheduler_.spawn(wait("recv", handle_, Direction::recv));
  scheduler_.round();
  EXPECT_EQ(log_, Log{"recv"});
}

TEST_F(HandlesTest, use_a_report_up_in_one_wait) {
  report(Readiness::recv);
  report(Readiness::recv);
  scheduler_.spawn(wait("first", handle_, Direction::recv));
  scheduler_.spawn(wait("second", handle_, Direction::recv));
  EXPECT_EQ(scheduler_.run(), RunEnd::quiescent);
  EXPECT_EQ(log_, Log{"first"});
}

TEST_F(HandlesTest, wake_only_the_direction_that_was_reported) {
  wait_both_ways(handle_);
  scheduler_.run();
  EXPECT_EQ(source_.watched(),
            (std::vector{std::pair(7, Direction::recv), std::pair(7, Direction::send)}));
  report(Readiness::send);
  EXPECT_EQ(source_.watched(), (std::vector{std::pair(7, Direction::recv)}));
  scheduler_.run();
  EXPECT_EQ(log_, Log{"send"});
}

TEST_F(HandlesTest, wake_both_directions_on_hang_up) {
  wait_both_ways(handle_);
  scheduler_.run();
  report(Readiness::hang_up);
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"recv", "send"}));
}

TEST_F(HandlesTest, wake_both_directions_on_an_error) {
  wait_both_ways(handle_);
  scheduler_.run();
  report(Readiness::error);
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"recv", "send"}));
}

TEST_F(HandlesTest, open_with_the_readiness_that_may_be_there_already) {
  const Handle fresh = scheduler_.handles().open(8, Readiness::recv | Readiness::send);
  wait_both_ways(fresh);
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"recv", "send"}));
}

TEST_F(HandlesTest, wait_before_the_first_try_if_there_is_no_readiness_yet) {
  const Handle connecting = scheduler_.handles().open(8, Readiness::recv | Readiness::send);
  scheduler_.handles().not_yet(connecting);
  wait_both_ways(connecting);
  EXPECT_EQ(scheduler_.run(), RunEnd::quiescent);
  EXPECT_EQ(log_, Log{});
}

TEST_F(HandlesTest, ignore_reports_of_what_is_not_open) {
  scheduler_.handles().close(handle_);
  report(Readiness::recv, 7);
  report(Readiness::recv, 1000);
  report(Readiness::recv, -1);
  const Handle reopened = scheduler_.handles().open(7, Readiness::none);
  scheduler_.spawn(wait("recv", reopened, Direction::recv));
  EXPECT_EQ(scheduler_.run(), RunEnd::quiescent);
}

TEST_F(HandlesTest, are_stale_forever_once_closed_whatever_gets_the_descriptor_next) {
  source_ = ScriptedSource({finds({readable(7)})});
  scheduler_.handles().close(handle_);
  const Handle reopened = scheduler_.handles().open(7, Readiness::none);
  EXPECT_NE(handle_, reopened);
  EXPECT_FALSE(scheduler_.handles().is_open(handle_));
  EXPECT_TRUE(scheduler_.handles().is_open(reopened));
  scheduler_.spawn(wait("the next owner", reopened, Direction::recv));
  EXPECT_EQ(run(failure_of(wait("stale", handle_, Direction::recv))),
            std::errc::bad_file_descriptor);
  scheduler_.handles().close(handle_);
  scheduler_.run();
  EXPECT_EQ(log_, Log{"the next owner"});
}

TEST_F(HandlesTest, pass_no_readiness_on_to_the_next_opening_of_a_descriptor) {
  report(Readiness::recv | Readiness::send | Readiness::hang_up);
  scheduler_.handles().close(handle_);
  const Handle reopened = scheduler_.handles().open(7, Readiness::none);
  wait_both_ways(reopened);
  EXPECT_EQ(scheduler_.run(), RunEnd::quiescent);
  EXPECT_EQ(log_, Log{});
}

TEST_F(HandlesTest, wake_both_waiters_with_an_error_before_they_close) {
  auto receiver = scheduler_.spawn(failure_of(wait("recv", handle_, Direction::recv)));
  auto sender = scheduler_.spawn(failure_of(wait("send", handle_, Direction::send)));
  scheduler_.run();
  scheduler_.handles().close(handle_);
  EXPECT_TRUE(source_.watched().empty());
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(receiver.take(), std::errc::operation_canceled);
  EXPECT_EQ(sender.take(), std::errc::operation_canceled);
}

TEST_F(HandlesTest, tell_a_waiter_whose_turn_has_not_come_of_a_close_and_spare_the_next_opening) {
  auto receiver = scheduler_.spawn(failure_of(wait("recv", handle_, Direction::recv)));
  scheduler_.run();
  report(Readiness::recv);
  scheduler_.handles().close(handle_);
  const Handle reopened = scheduler_.handles().open(7, Readiness::recv);
  scheduler_.run();
  EXPECT_EQ(receiver.take(), std::errc::operation_canceled);
  run(wait("the next owner", reopened, Direction::recv));
  EXPECT_EQ(log_, Log{"the next owner"});
}

TEST_F(HandlesTest, open_a_descriptor_once_until_it_is_closed) {
  EXPECT_DEATH(scheduler_.handles().open(7, Readiness::none), "opened once until it is closed");
  EXPECT_DEATH(scheduler_.handles().open(-1, Readiness::none), "a descriptor is not negative");
}

}  // namespace
}  // namespace rehearsal::sched
