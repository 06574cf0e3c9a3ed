#include "sched/sync/task_group.hpp"

#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class TaskGroupTest : public ScriptedTest {
 protected:
  Task<> work(std::string name, Duration how_long) {
    const Farewell frame(log_, name + " is gone");
    co_await sleep_for(how_long);
    log_.push_back(name + " is finished");
  }
  Task<> fail_after(Duration how_long, std::string what) {
    co_await sleep_for(how_long);
    throw std::runtime_error(what);
  }
  // Waits for the end of `group` and records how it ended.
  Task<> join(TaskGroup& group) {
    std::string outcome = "joined";
    try {
      co_await group.join();
    } catch (const std::exception& error) {
      outcome = std::string("rethrown: ") + error.what();
    }
    log_.push_back(outcome);
  }
};

TEST_F(TaskGroupTest, does_not_end_before_its_children_do) {
  run([this]() -> Task<> {
    TaskGroup group(scheduler_);
    group.spawn("a", work("a", 2ms));
    group.spawn(work("b", 1ms));
    EXPECT_EQ(group.size(), 2U);
    co_await join(group);
    EXPECT_EQ(group.size(), 0U);
  });
  EXPECT_EQ(log_, (Log{"b is finished", "b is gone", "a is finished", "a is gone", "joined"}));
}

TEST_F(TaskGroupTest, without_children_is_joined_at_once) {
  run([this]() -> Task<> {
    TaskGroup group(scheduler_);
    co_await group.join();
  });
}

TEST_F(TaskGroupTest, cancels_the_others_when_one_fails_and_rethrows_the_first_failure) {
  run([this]() -> Task<> {
    TaskGroup group(scheduler_);
    group.spawn(work("a", 1h));
    group.spawn(fail_after(1ms, "the first"));
    group.spawn(fail_after(1ms, "the second"));
    group.spawn(work("b", 1h));
    co_await join(group);
  });
  EXPECT_EQ(log_, (Log{"a is gone", "b is gone", "rethrown: the first"}));
  EXPECT_EQ(scheduler_.now(), at(1ms));
}

TEST_F(TaskGroupTest, that_has_failed_cancels_at_once_what_is_spawned_into_it) {
  run([this]() -> Task<> {
    TaskGroup group(scheduler_);
    group.spawn(fail_after(1ms, "failed"));
    co_await join(group);
    group.spawn(work("too late", 0ms));
    co_await join(group);
  });
  EXPECT_EQ(log_, (Log{"rethrown: failed", "rethrown: failed"}));
}

TEST_F(TaskGroupTest, that_is_cancelled_ends_without_a_failure) {
  run([this]() -> Task<> {
    TaskGroup group(scheduler_);
    group.spawn(work("a", 1h));
    co_await yield();
    group.cancel();
    auto late = group.spawn(work("too late", 0ms));
    co_await join(group);
    EXPECT_TRUE(late.task().cancelled());
  });
  EXPECT_EQ(log_, (Log{"a is gone", "joined"}));
}

TEST_F(TaskGroupTest, continues_when_a_child_is_cancelled) {
  run([this]() -> Task<> {
    TaskGroup group(scheduler_);
    auto child = group.spawn(work("a", 1h));
    group.spawn(work("b", 1ms));
    co_await yield();
    child.cancel();
    co_await join(group);
  });
  EXPECT_EQ(log_, (Log{"a is gone", "b is finished", "b is gone", "joined"}));
}

TEST_F(TaskGroupTest, that_is_left_without_a_join_destroys_its_children_newest_first) {
  run([this]() -> Task<> {
    {
      TaskGroup group(scheduler_);
      group.spawn(work("a", 1h));
      group.spawn(work("b", 1h));
      co_await yield();
    }
    log_.push_back("left");
  });
  EXPECT_EQ(log_, (Log{"b is gone", "a is gone", "left"}));
}

TEST_F(TaskGroupTest, takes_its_children_along_when_its_task_is_cancelled) {
  auto parent = scheduler_.spawn("parent", [this]() -> Task<> {
    const Farewell frame(log_, "the parent is gone");
    TaskGroup group(scheduler_);
    group.spawn(work("a child", 1h));
    co_await group.join();
  });
  scheduler_.run_until([this] { return scheduler_.timers().size() == 1; });
  parent.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"a child is gone", "the parent is gone"}));
}

TEST_F(TaskGroupTest, may_be_opened_outside_every_task) {
  {
    TaskGroup group(scheduler_);
    group.spawn("named", work("a", 1ms));
    auto stays = group.spawn(work("b", 1h));
    EXPECT_EQ(stays.task().path(), "0");
    scheduler_.run_until(at(5ms));
  }
  EXPECT_EQ(log_, (Log{"a is finished", "a is gone", "b is gone"}));
  EXPECT_EQ(scheduler_.task_count(), 0U);
}

TEST_F(TaskGroupTest, is_joined_also_after_a_callable_could_not_make_its_task) {
  run([this]() -> Task<> {
    TaskGroup group(scheduler_);
    const auto refuse = []() -> Task<> { throw std::logic_error("no task today"); };
    EXPECT_THROW(group.spawn(refuse), std::logic_error);
    co_await join(group);
  });
  EXPECT_EQ(log_, Log{"joined"});
}

}  // namespace
}  // namespace rehearsal::sched
