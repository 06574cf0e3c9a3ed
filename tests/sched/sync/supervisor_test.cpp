#include "sched/sync/supervisor.hpp"

#include <exception>
#include <stdexcept>
#include <string>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class SupervisorTest : public ScriptedTest {
 protected:
  Task<> work(std::string name, Duration how_long) {
    const Farewell frame(log_, name + " is gone");
    log_.push_back(name + " starts");
    co_await sleep_for(how_long);
  }
  static Task<> fail() {
    throw std::runtime_error("a bad day");
    co_return;
  }
  SupervisorOptions at_most(std::size_t limit) {
    SupervisorOptions options;
    options.limit = limit;
    return options;
  }
};

TEST_F(SupervisorTest, reports_and_counts_a_child_that_fails_and_the_others_continue) {
  SupervisorOptions options;
  options.on_failure = [this](const TaskRecord& task, const std::exception_ptr& failure) {
    try {
      std::rethrow_exception(failure);
    } catch (const std::runtime_error& error) {
      log_.push_back(task.path() + ": " + error.what());
    }
  };
  run([&]() -> Task<> {
    Supervisor sessions(scheduler_, options);
    sessions.spawn("unlucky", fail());
    sessions.spawn(work("lucky", 1ms));
    co_await sessions.join();
    EXPECT_EQ(sessions.failed(), 1U);
    EXPECT_EQ(sessions.finished(), 2U);
  });
  EXPECT_EQ(log_, (Log{"test/unlucky: a bad day", "lucky starts", "lucky is gone"}));
}

TEST_F(SupervisorTest, is_joined_when_no_child_is_left_failed_or_not) {
  run([this]() -> Task<> {
    Supervisor sessions(scheduler_);
    co_await sessions.join();
    sessions.spawn(fail());
    sessions.spawn(work("a", 5ms));
    co_await sessions.join();
    EXPECT_EQ(sessions.size(), 0U);
    EXPECT_EQ(scheduler_.now(), at(5ms));
  });
}

TEST_F(SupervisorTest, has_room_while_fewer_than_its_limit_run) {
  run([this]() -> Task<> {
    Supervisor sessions(scheduler_, at_most(2));
    for (const char* name : {"a", "b", "c"}) {
      co_await sessions.room();
      EXPECT_LT(sessions.size(), 2U);
      sessions.spawn(work(name, 5ms));
    }
    co_await sessions.join();
  });
  EXPECT_EQ(log_, (Log{"a starts", "b starts", "a is gone", "b is gone", "c starts", "c is gone"}));
}

TEST_F(SupervisorTest, gives_room_to_each_of_several_tasks_that_wait_for_it) {
  Supervisor sessions(scheduler_, at_most(1));
  for (const char* name : {"a", "b", "c"}) {
    scheduler_.spawn(
        "",
        [&](std::string session) -> Task<> {
          co_await sessions.room();
          sessions.spawn(work(session, 5ms));
        },
        name);
  }
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"a starts", "a is gone", "b starts", "b is gone", "c starts", "c is gone"}));
}

TEST_F(SupervisorTest, starts_no_more_children_than_its_limit) {
  const auto start_one_too_many = [this]() -> Task<> {
    Supervisor sessions(scheduler_, at_most(1));
    sessions.spawn(work("a", 5ms));
    sessions.spawn(work("b", 5ms));
    co_return;
  };
  EXPECT_DEATH(run(start_one_too_many), "no more children than its limit");
}

TEST_F(SupervisorTest, has_a_limit_of_at_least_one) {
  EXPECT_DEATH(Supervisor(scheduler_, at_most(0)), "a supervisor's limit is at least 1");
}

TEST_F(SupervisorTest, cancels_its_children_on_request_and_with_its_task) {
  auto parent = scheduler_.spawn([this]() -> Task<> {
    Supervisor sessions(scheduler_);
    sessions.spawn(work("a", 1h));
    co_await yield();
    sessions.cancel();
    co_await sessions.join();
    EXPECT_EQ(sessions.finished(), 1U);
    EXPECT_EQ(sessions.failed(), 0U);
    sessions.spawn(work("b", 1h));
    co_await sessions.join();
  });
  EXPECT_EQ(scheduler_.run_until([this] { return log_.size() == 3; }), RunEnd::condition);
  parent.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"a starts", "a is gone", "b starts", "b is gone"}));
}

}  // namespace
}  // namespace rehearsal::sched
