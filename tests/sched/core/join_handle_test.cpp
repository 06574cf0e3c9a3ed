#include "sched/core/join_handle.hpp"

#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using JoinHandleTest = ScriptedTest;

Task<int> seven_later() {
  co_await sleep_for(1ms);
  co_return 7;
}

TEST_F(JoinHandleTest, waits_for_the_end_of_a_task_and_takes_its_result) {
  EXPECT_EQ(run([this]() -> Task<int> {
              auto handle = scheduler_.spawn(seven_later());
              const int result = co_await handle.join();
              co_return result;
            }),
            7);
  EXPECT_EQ(scheduler_.now(), at(1ms));
}

TEST_F(JoinHandleTest, joins_a_task_that_is_done_without_waiting) {
  auto handle = scheduler_.spawn(seven_later());
  scheduler_.run();
  auto joiner = scheduler_.spawn([&]() -> Task<> {
    const int result = co_await handle.join();
    EXPECT_EQ(result, 7);
  });
  scheduler_.round();
  EXPECT_TRUE(joiner.done());
}

TEST_F(JoinHandleTest, rethrows_what_the_task_threw) {
  run([this]() -> Task<> {
    auto handle = scheduler_.spawn(fail());
    try {
      co_await handle.join();
    } catch (const std::runtime_error& error) {
      log_.push_back(error.what());
    }
  });
  EXPECT_EQ(log_, Log{"failed"});
}

TEST_F(JoinHandleTest, throws_operation_canceled_where_the_task_was_cancelled) {
  auto handle = scheduler_.spawn(sleep_for_ever());
  handle.cancel();
  scheduler_.run();
  EXPECT_EQ(error_of([&] { handle.take(); }), std::errc::operation_canceled);
}

TEST_F(JoinHandleTest, waits_for_the_end_alone_and_leaves_the_result) {
  auto handle = scheduler_.spawn(seven_later());
  run([&]() -> Task<> { co_await handle.ended(); });
  EXPECT_EQ(handle.take(), 7);
}

TEST_F(JoinHandleTest, says_in_the_list_of_tasks_whose_end_is_waited_for) {
  auto worker = scheduler_.spawn("worker", sleep_for_ever());
  auto joiner = scheduler_.spawn("joiner", [&]() -> Task<> { co_await worker.join(); });
  scheduler_.round();
  EXPECT_EQ(joiner.task().waits_on(), "end of worker");
}

TEST_F(JoinHandleTest, detaches_when_it_is_dropped_and_the_task_continues) {
  const auto work = [this]() -> Task<Farewell> {
    co_await sleep_for(1ms);
    log_.push_back("worked");
    co_return Farewell(log_, "the result is dropped");
  };
  scheduler_.spawn(work);
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"worked", "the result is dropped"}));
}

TEST_F(JoinHandleTest, keeps_the_result_until_it_is_dropped) {
  const auto work = [this]() -> Task<Farewell> { co_return Farewell(log_, "the result"); };
  {
    const auto handle = scheduler_.spawn(work);
    scheduler_.run();
    EXPECT_TRUE(handle.done());
    EXPECT_EQ(log_, Log{});
  }
  EXPECT_EQ(log_, Log{"the result"});
}

TEST_F(JoinHandleTest, is_attached_to_one_task_until_it_is_detached_or_moved_from) {
  JoinHandle<int> none;
  EXPECT_FALSE(none.attached());
  auto first = scheduler_.spawn(seven_later());
  none = std::move(first);
  EXPECT_TRUE(none.attached());
  EXPECT_FALSE(first.attached());  // NOLINT(bugprone-use-after-move)
  none.detach();
  EXPECT_FALSE(none.attached());
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
}

TEST_F(JoinHandleTest, may_be_moved_while_a_task_waits_with_it) {
  auto first = scheduler_.spawn(seven_later());
  auto joiner = scheduler_.spawn([&]() -> Task<int> {
    const int result = co_await first.join();
    co_return result;
  });
  scheduler_.round();
  const JoinHandle<int> second = std::move(first);
  scheduler_.run();
  EXPECT_EQ(joiner.take(), 7);
}

TEST_F(JoinHandleTest, wakes_the_waiting_task_even_if_it_is_dropped_meanwhile) {
  auto worker = scheduler_.spawn(seven_later());
  auto joiner = scheduler_.spawn([&]() -> Task<int> {
    const int result = co_await worker.join();
    co_return result;
  });
  scheduler_.round();
  worker.detach();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(error_of([&] { joiner.take(); }), std::errc::operation_canceled);
}

TEST_F(JoinHandleTest, lets_go_of_the_wait_when_the_joiner_is_cancelled) {
  Event event;
  auto worker = scheduler_.spawn("worker", wait_for(event));
  auto joiner = scheduler_.spawn([&]() -> Task<> { co_await worker.join(); });
  scheduler_.round();
  joiner.cancel();
  scheduler_.round();
  event.set();
  run([&]() -> Task<> { co_await worker.join(); });
  EXPECT_TRUE(joiner.task().cancelled());
  EXPECT_FALSE(worker.task().cancelled());
}

TEST_F(JoinHandleTest, cancels_nothing_where_the_task_is_done) {
  auto handle = scheduler_.spawn(seven_later());
  scheduler_.run();
  handle.cancel();
  scheduler_.run();
  EXPECT_EQ(handle.take(), 7);
}

TEST_F(JoinHandleTest, gives_no_result_before_the_end) {
  auto handle = scheduler_.spawn(seven_later());
  EXPECT_DEATH(handle.take(), "the result of a task is taken when it is done");
}

TEST_F(JoinHandleTest, is_joined_by_one_task_at_a_time) {
  auto worker = scheduler_.spawn(sleep_for_ever());
  const auto join = [&]() -> Task<> { co_await worker.join(); };
  scheduler_.spawn(join);
  scheduler_.spawn(join);
  EXPECT_DEATH(scheduler_.round(), "one task joins another");
}

}  // namespace
}  // namespace rehearsal::sched
