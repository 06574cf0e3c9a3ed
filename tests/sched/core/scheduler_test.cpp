#include "sched/core/scheduler.hpp"

#include <string>
#include <system_error>
#include <type_traits>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using simnet::ScriptedSource;
using SchedulerTest = ScriptedTest;

Task<> write_down(Log& log, std::string line, int times = 1) {
  for (int i = 0; i < times; ++i) {
    log.push_back(line);
    co_await yield();
  }
}

TEST_F(SchedulerTest, is_done_when_no_task_is_left) {
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  scheduler_.spawn([]() -> Task<> { co_await sleep_for(1h); });
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(scheduler_.now(), at(1h));
}

TEST_F(SchedulerTest, is_quiescent_when_nothing_can_ever_wake_the_tasks_that_are_left) {
  Event event;
  scheduler_.spawn("hopeful", [&]() -> Task<> { co_await event.wait(); });
  EXPECT_EQ(scheduler_.run(), RunEnd::quiescent);
  EXPECT_EQ(scheduler_.tasks().front().path, "hopeful");
  event.set();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
}

// Returns how often the source is asked if a task destroys itself while it is ready, and another
// waits for an event that never comes.
int polls_after_a_death(Scheduler<ScriptedSource>& scheduler) {
  struct Counter final : Observer {
    void polled(Wake /*wake*/, std::size_t /*ready*/) override { ++polls; }
    int polls = 0;
  } counter;
  Event event;
  scheduler.observe(counter);
  auto waits = scheduler.spawn([&]() -> Task<> { co_await event.wait(); });
  scheduler.spawn([&]() -> Task<> {
    scheduler.cancel(*scheduler.current());
    co_await yield();
  });
  EXPECT_EQ(scheduler.run(), RunEnd::quiescent);
  EXPECT_EQ(scheduler.ready_count(), 0U);
  waits.cancel();
  EXPECT_EQ(scheduler.run(), RunEnd::done);
  scheduler.forget(counter);
  return counter.polls;
}

TEST_F(SchedulerTest, has_no_round_for_tasks_that_were_destroyed_while_they_were_ready) {
  EXPECT_EQ(polls_after_a_death(scheduler_), 1);
}

TEST_F(SchedulerTest, stops_after_the_round_under_way_and_may_be_run_again) {
  scheduler_.spawn([this]() -> Task<> {
    scheduler_.stop();
    co_return;
  });
  scheduler_.spawn(write_down(log_, "the same round", 1));
  EXPECT_EQ(scheduler_.run(), RunEnd::stopped);
  EXPECT_EQ(log_, Log{"the same round"});
  EXPECT_EQ(scheduler_.task_count(), 1U);
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
}

TEST_F(SchedulerTest, runs_until_a_condition_holds_and_not_a_round_or_a_poll_longer) {
  scheduler_.spawn(write_down(log_, "step", 10));
  EXPECT_EQ(scheduler_.run_until([this] { return log_.size() == 3; }), RunEnd::condition);
  EXPECT_EQ(scheduler_.run_until([this] { return log_.size() == 3; }), RunEnd::condition);
  EXPECT_EQ(log_.size(), 3U);
  EXPECT_EQ(scheduler_.run_until([] { return false; }), RunEnd::done);
}

TEST_F(SchedulerTest, runs_until_an_instant) {
  scheduler_.spawn([this]() -> Task<> {
    co_await sleep_for(5ms);
    log_.push_back("after 5 ms");
    co_await sleep_for(5ms);
    log_.push_back("after 10 ms");
  });
  EXPECT_EQ(scheduler_.run_until(at(7ms)), RunEnd::condition);
  EXPECT_EQ(scheduler_.now(), at(7ms));
  EXPECT_EQ(log_, Log{"after 5 ms"});
}

TEST_F(SchedulerTest, runs_until_a_task_is_done) {
  auto handle = scheduler_.spawn([]() -> Task<> { co_await sleep_for(5ms); });
  scheduler_.spawn(sleep_for_ever());
  EXPECT_EQ(scheduler_.run_until(handle), RunEnd::condition);
  EXPECT_TRUE(handle.done());
}

TEST_F(SchedulerTest, is_not_run_by_one_of_its_tasks) {
  const auto run_within = [this]() -> Task<> {
    scheduler_.run();
    co_return;
  };
  EXPECT_DEATH(run(run_within), "run\\(\\) is not called by a task");
}

// Rounds are the same with a ready queue that can hold tasks back and with one that cannot.
class NeverHoldsBack : public ScriptedSource {
 public:
  using ScriptedSource::ScriptedSource;
  static constexpr SourceHooks hooks{.holds_back = false};
};
static_assert(hooks_of<ScriptedSource>.holds_back && !hooks_of<NeverHoldsBack>.holds_back);

// check_hooks() finds a hook that is misspelt or not declared.
class MisspeltHook : public ScriptedSource {
 public:
  static constexpr SourceHooks hooks{.touches = true};
  void tuoch(Descriptor /*descriptor*/) {}
};
class UndeclaredHook : public ScriptedSource {
 public:
  void touch(Descriptor /*descriptor*/) {}
};
static_assert(hooks_of<MisspeltHook> != hooks_found<MisspeltHook>);
static_assert(hooks_of<UndeclaredHook> != hooks_found<UndeclaredHook>);
static_assert(hooks_of<NeverHoldsBack> == hooks_found<NeverHoldsBack>);

template <class S>
class Rounds : public ::testing::Test {
 protected:
  NoFrameIsLeft no_frame_is_left_;
  Log log_;
  S source_;
  Scheduler<S> scheduler_{source_};
};
using Sources = ::testing::Types<ScriptedSource, NeverHoldsBack>;
TYPED_TEST_SUITE(Rounds, Sources);

TYPED_TEST(Rounds, resume_each_task_that_was_ready_once_in_the_order_of_arrival) {
  for (const char* name : {"a", "b", "c"}) {
    this->scheduler_.spawn(write_down(this->log_, name, 2));
  }
  EXPECT_EQ(this->scheduler_.round(), 3U);
  EXPECT_EQ(this->log_, (Log{"a", "b", "c"}));
  EXPECT_EQ(this->scheduler_.round(), 3U);
  EXPECT_EQ(this->log_, (Log{"a", "b", "c", "a", "b", "c"}));
}

TYPED_TEST(Rounds, leave_what_becomes_ready_meanwhile_to_the_next) {
  Event event;
  this->scheduler_.spawn([&]() -> Task<> {
    co_await event.wait();
    this->log_.push_back("woken");
  });
  this->scheduler_.round();
  this->scheduler_.spawn([&]() -> Task<> {
    event.set();
    this->scheduler_.spawn(write_down(this->log_, "spawned"));
    co_return;
  });
  EXPECT_EQ(this->scheduler_.round(), 1U);
  EXPECT_EQ(this->log_, Log{});
  EXPECT_EQ(this->scheduler_.round(), 2U);
  EXPECT_EQ(this->log_, (Log{"woken", "spawned"}));
}

TYPED_TEST(Rounds, ask_the_source_once_each_however_busy_the_queue_is) {
  this->scheduler_.spawn(write_down(this->log_, "busy", 100));
  this->scheduler_.spawn(write_down(this->log_, "busy", 100));
  this->scheduler_.run();
  EXPECT_EQ(this->source_.waits_done(), 100U);
}

TYPED_TEST(Rounds, let_a_socket_in_beside_tasks_that_are_always_ready) {
  this->source_ = TypeParam({finds({}), finds({readable(7)})});
  const Handle handle = this->scheduler_.handles().open(7, Readiness::none);
  this->scheduler_.spawn([&]() -> Task<> {
    co_await this->scheduler_.wait(handle, Direction::recv);
    this->log_.push_back("received");
  });
  this->scheduler_.spawn(write_down(this->log_, "busy", 4));
  this->scheduler_.run();
  EXPECT_EQ(this->log_, (Log{"busy", "busy", "busy", "received", "busy"}));
}

TYPED_TEST(Rounds, put_what_became_ready_before_the_poll_first_then_sockets_then_timers) {
  this->source_ = TypeParam({{{readable(8), readable(7)}, 1ms}});
  const auto receive = [this](Descriptor descriptor) -> Task<> {
    const Handle handle = this->scheduler_.handles().open(descriptor, Readiness::none);
    co_await this->scheduler_.wait(handle, Direction::recv);
    this->log_.push_back("socket " + std::to_string(descriptor));
  };
  this->scheduler_.spawn([this]() -> Task<> {
    co_await sleep_for(1ms);
    this->log_.push_back("timer");
  });
  this->scheduler_.spawn("", receive, 7);
  this->scheduler_.spawn("", receive, 8);
  this->scheduler_.spawn(write_down(this->log_, "yields", 2));
  this->scheduler_.run();
  EXPECT_EQ(this->log_, (Log{"yields", "yields", "socket 8", "socket 7", "timer"}));
}

TEST_F(SchedulerTest, lets_exactly_v_later_arrivals_pass_a_task_that_is_held_back_by_v) {
  const auto order_with_delay = [](std::uint32_t delay) {
    ScriptedSource holding({}, {0, delay});
    Scheduler<ScriptedSource> scheduler(holding);
    Log log;
    for (const char* name : {"a", "held", "c", "d", "e"}) {
      scheduler.spawn(write_down(log, name));
    }
    scheduler.round();
    return log;
  };
  EXPECT_EQ(order_with_delay(0), (Log{"a", "held", "c", "d", "e"}));
  EXPECT_EQ(order_with_delay(1), (Log{"a", "c", "held", "d", "e"}));
  EXPECT_EQ(order_with_delay(2), (Log{"a", "c", "d", "held", "e"}));
  EXPECT_EQ(order_with_delay(3), (Log{"a", "c", "d", "e", "held"}));
}

TEST_F(SchedulerTest, holds_a_task_back_across_rounds_until_its_delay_is_spent) {
  source_ = ScriptedSource({}, {0, 3});
  scheduler_.spawn(write_down(log_, "a", 5));
  scheduler_.spawn(write_down(log_, "held"));
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a", "a", "a", "a", "held", "a"}));
}

class WaitTest : public ScriptedTest {
 protected:
  // Waits for one descriptor in one direction, and records how that ended.
  Task<> wait(std::string name, Handle handle, Direction way = Direction::recv) {
    try {
      co_await scheduler_.wait(handle, way);
      log_.push_back(name + " goes on");
    } catch (const std::system_error& error) {
      log_.push_back(name + ": " + std::to_string(error.code().value()));
    }
  }
  static std::string refused(std::errc error) {
    return "caller: " + std::to_string(static_cast<int>(error));
  }
};

TEST_F(WaitTest, continues_when_the_source_reports_readiness) {
  source_ = ScriptedSource({finds({writable(7)}), finds({readable(7)})});
  const Handle handle = scheduler_.handles().open(7, Readiness::none);
  scheduler_.spawn(wait("caller", handle));
  scheduler_.round();
  EXPECT_EQ(source_.watched(), (std::vector{std::pair(7, Direction::recv)}));
  EXPECT_EQ(scheduler_.tasks().front().waits_on, "receive on 7");
  scheduler_.run();
  EXPECT_EQ(log_, Log{"caller goes on"});
  EXPECT_EQ(source_.waits_done(), 2U);
}

TEST_F(WaitTest, is_refused_for_a_handle_that_was_never_open) {
  scheduler_.spawn(wait("caller", Handle{}));
  scheduler_.spawn(wait("caller", Handle{.descriptor = 99, .generation = 1}));
  scheduler_.run();
  EXPECT_EQ(log_, Log(2, refused(std::errc::bad_file_descriptor)));
}

TEST_F(WaitTest, is_refused_for_a_handle_that_is_closed) {
  const Handle handle = scheduler_.handles().open(7, Readiness::none);
  scheduler_.handles().close(handle);
  scheduler_.spawn(wait("caller", handle));
  scheduler_.run();
  EXPECT_EQ(log_, Log{refused(std::errc::bad_file_descriptor)});
}

TEST_F(WaitTest, is_refused_for_a_direction_that_is_neither) {
  const Handle handle = scheduler_.handles().open(7, Readiness::none);
  scheduler_.spawn(wait("caller", handle, static_cast<Direction>(7)));
  scheduler_.run();
  EXPECT_EQ(log_, Log{refused(std::errc::invalid_argument)});
}

TEST_F(WaitTest, is_refused_to_the_second_waiter_of_a_direction_and_the_first_still_wakes) {
  source_ = ScriptedSource({finds({readable(7), readable(8)})});
  const Handle handle = scheduler_.handles().open(7, Readiness::none);
  const Handle other = scheduler_.handles().open(8, Readiness::none);
  scheduler_.spawn(wait("first", handle));
  scheduler_.spawn(wait("caller", handle));
  scheduler_.spawn(wait("another socket", other));
  scheduler_.run();
  EXPECT_EQ(log_, (Log{refused(std::errc::device_or_resource_busy), "first goes on",
                       "another socket goes on"}));
}

TEST_F(WaitTest, is_for_one_task_in_each_direction_at_a_time) {
  source_ = ScriptedSource({finds({writable(7)}), finds({readable(7)})});
  const Handle handle = scheduler_.handles().open(7, Readiness::none);
  scheduler_.spawn(wait("receiver", handle, Direction::recv));
  scheduler_.spawn(wait("sender", handle, Direction::send));
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"sender goes on", "receiver goes on"}));
}

TEST_F(WaitTest, ends_with_operation_canceled_where_the_handle_is_closed_meanwhile) {
  const Handle handle = scheduler_.handles().open(7, Readiness::none);
  scheduler_.spawn(wait("caller", handle));
  scheduler_.round();
  scheduler_.handles().close(handle);
  EXPECT_TRUE(source_.watched().empty());
  scheduler_.run();
  EXPECT_EQ(log_, Log{refused(std::errc::operation_canceled)});
}

TEST_F(WaitTest, frees_the_direction_when_its_task_is_cancelled) {
  source_ = ScriptedSource({finds({readable(7)})});
  const Handle handle = scheduler_.handles().open(7, Readiness::none);
  auto first = scheduler_.spawn(wait("first", handle));
  scheduler_.round();
  first.cancel();
  scheduler_.round();
  EXPECT_TRUE(source_.watched().empty());
  scheduler_.spawn(wait("second", handle));
  scheduler_.run();
  EXPECT_EQ(log_, Log{"second goes on"});
}

TEST_F(WaitTest, is_refused_where_the_source_cannot_watch_the_descriptor) {
  struct Narrow : ScriptedSource {
    static Result<> watch(Descriptor /*d*/, Direction /*way*/) {
      return std::errc::value_too_large;
    }
  };
  Narrow narrow;
  Scheduler<Narrow> other(narrow);
  const Handle handle = other.handles().open(1024, Readiness::none);
  const auto attempt = [&]() -> Task<> { co_await other.wait(handle, Direction::recv); };
  EXPECT_EQ(run_to_end(other, failure_of(attempt())), std::errc::value_too_large);
}

}  // namespace
}  // namespace rehearsal::sched
