#include "sched/core/executor.hpp"

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/event.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/task_group.hpp"
#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using ExecutorTest = ScriptedTest;

std::string in_words(TaskState state) {
  switch (state) {
    case TaskState::ready:
      return "ready";
    case TaskState::running:
      return "running";
    case TaskState::waiting:
      return "waiting";
    case TaskState::done:
      return "done";
  }
  return "?";
}

Log in_words(const std::vector<TaskInfo>& tasks) {
  Log lines;
  for (const TaskInfo& task : tasks) {
    lines.push_back(task.path + " " + in_words(task.state));
  }
  return lines;
}

// Records each callback.
class Witness final : public Observer {
 public:
  explicit Witness(Log& log) : log_(log) {}
  void spawned(const TaskRecord& task) override { log_.push_back("spawned " + task.path()); }
  void resumed(const TaskRecord& task) override { log_.push_back("resumed " + task.path()); }
  void waits(const TaskRecord& task) override { log_.push_back("waits " + task.path()); }
  void done(const TaskRecord& task, const std::exception_ptr& failure) override {
    const std::string how = failure ? " failed" : task.cancelled() ? " cancelled" : " returned";
    log_.push_back("done " + task.path() + how);
  }
  void polled(Wake wake, std::size_t ready) override {
    log_.push_back("polled " + std::to_string(static_cast<int>(wake)) + " " +
                   std::to_string(ready));
  }

 private:
  Log& log_;
};

TEST_F(ExecutorTest, lists_every_task_that_is_not_done) {
  scheduler_.spawn("sleeper", sleep_for_ever());
  scheduler_.spawn("gone", nothing());
  scheduler_.round();
  scheduler_.spawn("newcomer", nothing());
  EXPECT_EQ(in_words(scheduler_.tasks()), (Log{"sleeper waiting", "newcomer ready"}));
}

TEST_F(ExecutorTest, lists_parents_before_their_children_otherwise_in_the_order_of_spawning) {
  scheduler_.spawn("a", [this]() -> Task<> {
    TaskGroup group(scheduler_);
    TaskGroup second_group(scheduler_);
    group.spawn("1", sleep_for_ever());
    group.spawn("2", sleep_for_ever());
    second_group.spawn("3", sleep_for_ever());
    co_await group.join();
  });
  scheduler_.spawn("b", [this]() -> Task<> {
    TaskGroup group(scheduler_);
    group.spawn("1", sleep_for_ever());
    co_await yield();
    log_ = in_words(scheduler_.tasks());
    co_await group.join();
  });
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"a waiting", "a/1 waiting", "a/2 waiting", "a/3 waiting", "b running",
                       "b/1 waiting"}));
}

constexpr unsigned waiting_line = __LINE__ + 1;
Task<> wait_at_that_line(Event& event) { co_await event.wait(); }

TEST_F(ExecutorTest, lists_what_each_task_waits_on_since_when_and_where) {
  Event event;
  source_ = simnet::ScriptedSource({takes(4ms)});
  scheduler_.poll(at(4ms));
  scheduler_.spawn("waiter", wait_at_that_line(event));
  scheduler_.round();
  const std::vector<TaskInfo> tasks = scheduler_.tasks();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].waits_on, "event");
  EXPECT_EQ(tasks[0].since, at(4ms));
  ASSERT_EQ(tasks[0].frames.size(), 1U);
  EXPECT_EQ(tasks[0].frames[0].line(), waiting_line);
  event.set();
  scheduler_.run();
}

TEST_F(ExecutorTest, tells_an_observer_the_life_of_each_task) {
  Witness witness(log_);
  scheduler_.observe(witness);
  source_ = simnet::ScriptedSource({finds({readable(1), readable(2)})});
  scheduler_.spawn("a", []() -> Task<> { co_await sleep_for(1ms); });
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"spawned a", "resumed a", "waits a", "polled 0 2", "polled 1 0", "resumed a",
                       "done a returned"}));
}

TEST_F(ExecutorTest, tells_an_observer_how_each_task_ended) {
  Witness witness(log_);
  scheduler_.spawn("failing", fail());
  auto doomed = scheduler_.spawn("doomed", sleep_for_ever());
  scheduler_.observe(witness);
  scheduler_.round();
  doomed.cancel();
  scheduler_.round();
  EXPECT_EQ(log_, (Log{"resumed failing", "done failing failed", "resumed doomed", "waits doomed",
                       "done doomed cancelled"}));
}

TEST_F(ExecutorTest, tells_an_observer_of_a_yield_as_of_a_wait) {
  Witness witness(log_);
  scheduler_.spawn("a", []() -> Task<> { co_await yield(); });
  scheduler_.observe(witness);
  scheduler_.round();
  EXPECT_EQ(log_, (Log{"resumed a", "waits a"}));
  EXPECT_EQ(scheduler_.ready_count(), 1U);
  scheduler_.forget(witness);
}

TEST_F(ExecutorTest, tells_a_forgotten_observer_nothing) {
  Witness witness(log_);
  scheduler_.observe(witness);
  scheduler_.forget(witness);
  scheduler_.spawn(nothing());
  scheduler_.run();
  EXPECT_EQ(log_, Log{});
}

TEST_F(ExecutorTest, continues_when_a_task_fails_and_counts_it) {
  scheduler_.spawn(fail());
  scheduler_.spawn([]() -> Task<> { co_await sleep_for(1ms); });
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(scheduler_.failures(), 1U);
}

TEST_F(ExecutorTest, reads_the_clock_once_a_wait_so_that_time_does_not_change_in_a_resumption) {
  run([this]() -> Task<> {
    const Instant before = scheduler_.now();
    ReadyList unused;
    source_.wait(at(5ms), unused);  // time passes meanwhile
    EXPECT_EQ(scheduler_.now(), before);
    co_await yield();
    EXPECT_EQ(scheduler_.now(), at(5ms));
  });
}

TEST_F(ExecutorTest, destroys_the_tasks_that_are_left_newest_first_when_it_is_destroyed) {
  const auto stay = [this](std::string name) -> Task<> {
    const Farewell farewell(log_, name);
    co_await sleep_until(never);
  };
  {
    simnet::ScriptedSource other_source;
    Scheduler<simnet::ScriptedSource> other(other_source);
    other.spawn("", stay, "first");
    other.spawn("", stay, "second");
    other.round();
    other.spawn("", stay, "never started");
    EXPECT_EQ(log_, Log{});
  }
  EXPECT_EQ(log_, (Log{"second", "first"}));
}

TEST_F(ExecutorTest, starts_nothing_while_it_is_being_destroyed) {
  struct Spawner {
    ~Spawner() { executor.start(nullptr, nullptr, "", nothing()); }
    Executor& executor;
  };
  const auto destroy_a_scheduler_whose_task_spawns_at_its_end = [] {
    simnet::ScriptedSource other_source;
    Scheduler<simnet::ScriptedSource> other(other_source);
    other.spawn([&other]() -> Task<> {
      const Spawner spawner{other};
      co_await sleep_until(never);
    });
    other.round();
  };
  EXPECT_DEATH(destroy_a_scheduler_whose_task_spawns_at_its_end(), "being destroyed");
}

}  // namespace
}  // namespace rehearsal::sched
