#include "sched/core/task_local.hpp"

#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/finally.hpp"
#include "sched/sync/when.hpp"
#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class TaskLocalTest : public ScriptedHostTest {
 protected:
  std::string seen() {
    const std::string* id = id_.get(host_);
    return id == nullptr ? "none" : *id;
  }
  Task<std::string> look() { co_return seen(); }
  Task<std::string> set_and_look(std::string id) {
    id_.set(host_, std::move(id));
    co_await yield();
    co_return seen();
  }

  TaskLocal<std::string> id_;
  TaskLocal<int> number_;
};

TEST_F(TaskLocalTest, is_none_until_a_task_sets_it) {
  EXPECT_EQ(seen(), "none");
  EXPECT_EQ(run(look()), "none");
  EXPECT_EQ(run(set_and_look("a")), "a");
  EXPECT_EQ(run(look()), "none");
  EXPECT_EQ(seen(), "none");
}

TEST_F(TaskLocalTest, belongs_to_one_task_and_not_to_its_neighbours) {
  const auto [a, b, none] = run(when_all(set_and_look("a"), set_and_look("b"), look()));
  EXPECT_EQ(a, "a");
  EXPECT_EQ(b, "b");
  EXPECT_EQ(none, "none");
}

TEST_F(TaskLocalTest, of_a_parent_is_seen_by_the_tasks_that_it_spawns) {
  const auto body = [this]() -> Task<> {
    id_.set(host_, "parent");
    number_.set(host_, 7);
    const auto [inherited, own] = co_await when_all(look(), set_and_look("child"));
    EXPECT_EQ(inherited, "parent");
    EXPECT_EQ(own, "child");
    EXPECT_EQ(seen(), "parent") << "what a child sets is not for its parent";
    id_.set(host_, "again");
    const std::string called = co_await look();
    EXPECT_EQ(called, "again") << "a function that is awaited runs in the same task";
    const auto cleanup = [this]() -> Task<> {
      log_.push_back(seen());
      co_return;
    };
    co_await finally(nap(), cleanup, 1s);
  };
  run(body());
  EXPECT_EQ(log_, Log{"again"});
}

TEST_F(TaskLocalTest, of_a_parent_that_has_ended_is_still_seen) {
  const auto grandchild = [this]() -> Task<> {
    co_await sleep_for(2ms);
    log_.push_back(seen() + std::to_string(*number_.get(host_)));
  };
  const auto parent = [this, &grandchild]() -> Task<> {
    id_.set(host_, "parent");
    number_.set(host_, 7);
    host_.spawn([this, &grandchild]() -> Task<> {
      number_.set(host_, 8);
      host_.spawn(grandchild);
      co_await sleep_for(1ms);
    });
    co_return;
  };
  host_.spawn(parent);
  EXPECT_EQ(host_.run(), RunEnd::done);
  EXPECT_EQ(log_, Log{"parent8"});
}

TEST_F(TaskLocalTest, destroys_its_values_with_their_task) {
  TaskLocal<Farewell> local;
  const auto body = [&]() -> Task<> {
    local.set(host_, Farewell(log_, "first"));
    number_.set(host_, 7);
    local.set(host_, Farewell(log_, "second"));
    EXPECT_EQ(log_, Log{"first"});
    co_return;
  };
  run(body);
  EXPECT_EQ(log_, (Log{"first", "second"}));
}

// The callable of spawn() is destroyed with the frames, values or not.
TEST_F(TaskLocalTest, leaves_the_end_of_a_callable_as_it_is) {
  for (const bool sets : {false, true}) {
    log_.clear();
    TaskReference record;  // lives longer than the frames
    host_.spawn([this, sets, &record, captured = Farewell(log_, "captured")]() -> Task<> {
      record = TaskReference(*host_.scheduler().current());
      if (sets) {
        number_.set(host_, 1);
        id_.set(host_, "id");
      }
      co_return;
    });
    host_.run();
    EXPECT_EQ(log_, Log{"captured"});
  }
}

}  // namespace
}  // namespace rehearsal::sched
