#include "sched/executor.hpp"

#include <exception>
#include <stdexcept>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/event.hpp"
#include "sched/sleep.hpp"
#include "sched/task_group.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using ExecutorTest = ScriptedTest;

Task<> nothing() { co_return; }
Task<> sleep_for_ever() { co_await sleep_until(never); }
Task<> fail() {
  throw std::runtime_error("failed");
  co_return;
}

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

// Writes down each callback.
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
  scheduler.spawn("sleeper", sleep_for_ever());
  scheduler.spawn("gone", nothing());
  scheduler.round();
  scheduler.spawn("newcomer", nothing());
  EXPECT_EQ(in_words(scheduler.tasks()), (Log{"sleeper waiting", "newcomer ready"}));
}

TEST_F(ExecutorTest, lists_parents_before_their_children_otherwise_in_the_order_of_spawning) {
  scheduler.spawn("a", [this]() -> Task<> {
    TaskGroup group(scheduler);
    TaskGroup second_group(scheduler);
    group.spawn("1", sleep_for_ever());
    group.spawn("2", sleep_for_ever());
    second_group.spawn("3", sleep_for_ever());
    co_await group.join();
  });
  scheduler.spawn("b", [this]() -> Task<> {
    TaskGroup group(scheduler);
    group.spawn("1", sleep_for_ever());
    co_await yield();
    log = in_words(scheduler.tasks());
    co_await group.join();
  });
  scheduler.run();
  EXPECT_EQ(log, (Log{"a waiting", "a/1 waiting", "a/2 waiting", "a/3 waiting", "b running",
                      "b/1 waiting"}));
}

constexpr unsigned waiting_line = __LINE__ + 1;
Task<> wait_for(Event& event) { co_await event.wait(); }

TEST_F(ExecutorTest, lists_what_each_task_waits_on_since_when_and_where) {
  Event event;
  source = simnet::ScriptedSource({takes(4ms)});
  scheduler.poll(at(4ms));
  scheduler.spawn("waiter", wait_for(event));
  scheduler.round();
  const std::vector<TaskInfo> tasks = scheduler.tasks();
  ASSERT_EQ(tasks.size(), 1U);
  EXPECT_EQ(tasks[0].waits_on, "event");
  EXPECT_EQ(tasks[0].since, at(4ms));
  ASSERT_EQ(tasks[0].frames.size(), 1U);
  EXPECT_EQ(tasks[0].frames[0].line(), waiting_line);
  event.set();
  scheduler.run();
}

TEST_F(ExecutorTest, tells_an_observer_the_life_of_each_task) {
  Witness witness(log);
  scheduler.observe(witness);
  source = simnet::ScriptedSource({finds({readable(1), readable(2)})});
  scheduler.spawn("a", []() -> Task<> { co_await sleep_for(1ms); });
  scheduler.run();
  EXPECT_EQ(log, (Log{"spawned a", "resumed a", "waits a", "polled 0 2", "polled 1 0", "resumed a",
                      "done a returned"}));
}

TEST_F(ExecutorTest, tells_an_observer_how_each_task_ended) {
  Witness witness(log);
  scheduler.spawn("failing", fail());
  auto doomed = scheduler.spawn("doomed", sleep_for_ever());
  scheduler.observe(witness);
  scheduler.round();
  doomed.cancel();
  scheduler.round();
  EXPECT_EQ(log, (Log{"resumed failing", "done failing failed", "resumed doomed", "waits doomed",
                      "done doomed cancelled"}));
}

TEST_F(ExecutorTest, tells_an_observer_of_a_yield_as_of_a_wait) {
  Witness witness(log);
  scheduler.spawn("a", []() -> Task<> { co_await yield(); });
  scheduler.observe(witness);
  scheduler.round();
  EXPECT_EQ(log, (Log{"resumed a", "waits a"}));
  EXPECT_EQ(scheduler.ready_count(), 1U);
  scheduler.forget(witness);
}

TEST_F(ExecutorTest, tells_a_forgotten_observer_nothing) {
  Witness witness(log);
  scheduler.observe(witness);
  scheduler.forget(witness);
  scheduler.spawn(nothing());
  scheduler.run();
  EXPECT_EQ(log, Log{});
}

TEST_F(ExecutorTest, goes_on_when_a_task_fails_and_counts_it) {
  scheduler.spawn(fail());
  scheduler.spawn([]() -> Task<> { co_await sleep_for(1ms); });
  EXPECT_EQ(scheduler.run(), RunEnd::done);
  EXPECT_EQ(scheduler.failures(), 1U);
}

TEST_F(ExecutorTest, reads_the_clock_once_a_wait_so_that_time_stands_still_in_a_resumption) {
  run([this]() -> Task<> {
    const Instant before = scheduler.now();
    ReadyList unused;
    source.wait(at(5ms), unused);  // the world goes on meanwhile
    EXPECT_EQ(scheduler.now(), before);
    co_await yield();
    EXPECT_EQ(scheduler.now(), at(5ms));
  });
}

TEST_F(ExecutorTest, destroys_the_tasks_that_are_left_newest_first_when_it_is_destroyed) {
  const auto stay = [this](std::string name) -> Task<> {
    const Farewell farewell(log, name);
    co_await sleep_until(never);
  };
  {
    simnet::ScriptedSource other_source;
    Scheduler<simnet::ScriptedSource> other(other_source);
    other.spawn("", stay, "first");
    other.spawn("", stay, "second");
    other.round();
    other.spawn("", stay, "never started");
    EXPECT_EQ(log, Log{});
  }
  EXPECT_EQ(log, (Log{"second", "first"}));
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
