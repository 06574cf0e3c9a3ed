#include "sched/core/spawn.hpp"

#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using SpawnTest = ScriptedTest;

Task<int> seven() { co_return 7; }

TEST_F(SpawnTest, takes_a_task) {
  auto handle = scheduler_.spawn("seven", seven());
  scheduler_.run();
  EXPECT_EQ(handle.take(), 7);
}

TEST_F(SpawnTest, takes_a_callable_that_makes_a_task) {
  auto handle = scheduler_.spawn(seven);
  scheduler_.run();
  EXPECT_EQ(handle.take(), 7);
}

TEST_F(SpawnTest, calls_a_callable_with_what_comes_behind_it) {
  const auto add = [](int a, int b) -> Task<int> { co_return a + b; };
  auto handle = scheduler_.spawn("sum", add, 3, 4);
  scheduler_.run();
  EXPECT_EQ(handle.take(), 7);
}

TEST_F(SpawnTest, starts_the_task_in_its_turn_and_not_at_once) {
  scheduler_.spawn([this]() -> Task<> {
    scheduler_.spawn([this]() -> Task<> {
      log_.push_back("the spawned");
      co_return;
    });
    log_.push_back("the spawner");
    co_return;
  });
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"the spawner", "the spawned"}));
}

TEST_F(SpawnTest, keeps_the_captures_of_a_lambda_until_its_coroutine_is_gone) {
  scheduler_.spawn([this, captured = Farewell(log_, "the captures")]() -> Task<> {
    const Farewell local(log_, "the frame");
    co_await sleep_for(1ms);
  });
  scheduler_.round();
  EXPECT_EQ(log_, Log{});
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"the frame", "the captures"}));
}

TEST_F(SpawnTest, lets_a_child_outlive_the_task_that_spawned_it) {
  scheduler_.spawn("parent", [this]() -> Task<> {
    scheduler_.spawn("child", [this]() -> Task<> {
      co_await sleep_for(1ms);
      TaskRecord& self = co_await this_task();
      log_.push_back(self.path());
    });
    co_return;
  });
  scheduler_.run();
  EXPECT_EQ(log_, Log{"parent/child"});
}

TEST_F(SpawnTest, starts_nothing_where_the_callable_throws) {
  const auto refuse = []() -> Task<> { throw std::logic_error("no task today"); };
  EXPECT_THROW(scheduler_.spawn(refuse), std::logic_error);
  EXPECT_EQ(scheduler_.task_count(), 0U);
}

}  // namespace
}  // namespace rehearsal::sched
