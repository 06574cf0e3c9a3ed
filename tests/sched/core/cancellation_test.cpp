// Each rule of cancellation, one by one. cancellation_depth_test.cpp tests that no depth
// overflows the stack; cancellation_points_test.cpp tests that nothing is left over at any
// point of cancellation.
#include <exception>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "sched/sync/event.hpp"
#include "sched/sync/finally.hpp"
#include "sched/sync/sleep.hpp"
#include "sched/sync/task_group.hpp"
#include "sched/sync/when.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class CancellationTest : public ScriptedTest {
 protected:
  Task<> stay(std::string name) {
    const Farewell frame(log_, name + " is gone");
    co_await sleep_until(never);
  }
};

TEST_F(CancellationTest, only_marks_and_the_frames_go_before_the_next_resumption) {
  auto victim = scheduler_.spawn(stay("the victim"));
  scheduler_.round();
  scheduler_.spawn([&]() -> Task<> {
    victim.cancel();
    log_.push_back("the canceller goes on");
    co_return;
  });
  scheduler_.spawn([this]() -> Task<> {
    log_.push_back("the next resumption");
    co_return;
  });
  scheduler_.round();
  EXPECT_EQ(log_, (Log{"the canceller goes on", "the victim is gone", "the next resumption"}));
}

TEST_F(CancellationTest, destroys_a_task_that_was_never_resumed) {
  auto victim = scheduler_.spawn(stay("a frame that never ran"));
  victim.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, Log{});
  EXPECT_TRUE(victim.task().cancelled());
}

TEST_F(CancellationTest, destroys_between_resumptions_and_never_on_a_tasks_own_stack) {
  struct Look {
    ~Look() { log.push_back(executor.current() == nullptr ? "between resumptions" : "within one"); }
    Executor& executor;
    Log& log;
  };
  scheduler_.spawn([this]() -> Task<> {
    TaskRecord& self = co_await this_task();
    const Look look{scheduler_, log_};
    scheduler_.cancel(self);
    log_.push_back("still running");
    co_await yield();
    log_.push_back("never reached");
  });
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"still running", "between resumptions"}));
}

TEST_F(CancellationTest, of_a_task_that_ends_in_the_same_resumption_comes_too_late) {
  auto handle = scheduler_.spawn([this]() -> Task<int> {
    TaskRecord& self = co_await this_task();
    scheduler_.cancel(self);
    co_return 7;
  });
  scheduler_.run();
  EXPECT_EQ(handle.take(), 7);
}

TEST_F(CancellationTest, never_destroys_the_task_that_runs) {
  const auto destroy_itself = [this]() -> Task<> {
    scheduler_.destroy(*scheduler_.current());
    co_return;
  };
  EXPECT_DEATH(run(destroy_itself), "the running task cannot be destroyed");
  const auto destroy_its_parent = [this]() -> Task<> {
    TaskGroup group(scheduler_);
    group.spawn("child", [this, &parent = *scheduler_.current()]() -> Task<> {
      scheduler_.destroy(parent);
      co_return;
    });
    co_await group.join();
  };
  EXPECT_DEATH(run(destroy_its_parent), "the running task cannot be destroyed");
}

TEST_F(CancellationTest, destroys_the_innermost_frame_first_and_children_before_their_parents) {
  const auto inner = [this]() -> Task<> { co_await stay("the inner frame"); };
  auto victim = scheduler_.spawn([&]() -> Task<> {
    const Farewell frame(log_, "the parent is gone");
    TaskGroup group(scheduler_);
    group.spawn(stay("the older child"));
    group.spawn([&]() -> Task<> {
      const Farewell middle(log_, "the middle frame is gone");
      co_await inner();
    });
    co_await group.join();
  });
  scheduler_.round();
  scheduler_.round();
  victim.cancel();
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"the inner frame is gone", "the middle frame is gone",
                       "the older child is gone", "the parent is gone"}));
}

TEST_F(CancellationTest, of_a_ready_task_leaves_a_record_in_the_queue_that_is_skipped) {
  class Counter final : public Observer {
   public:
    void resumed(const TaskRecord& /*task*/) override { ++resumptions; }
    int resumptions = 0;
  };
  Event event;
  auto victim = scheduler_.spawn([&]() -> Task<> {
    co_await event.wait();
    log_.push_back("never reached");
  });
  scheduler_.run();
  Counter counter;
  scheduler_.observe(counter);
  event.set();
  victim.cancel();
  EXPECT_EQ(scheduler_.ready_count(), 1U);
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(counter.resumptions, 0);
  EXPECT_EQ(log_, Log{});
}

TEST_F(CancellationTest, of_a_ready_task_takes_no_delay_from_the_source) {
  source_ = simnet::ScriptedSource({}, {0, 0, 1});
  Event event;
  JoinHandle<> victim = scheduler_.spawn([&]() -> Task<> { co_await event.wait(); });
  scheduler_.spawn([&]() -> Task<> {
    event.set();
    victim.cancel();
    scheduler_.spawn([this]() -> Task<> {
      log_.push_back("held back by one");
      co_return;
    });
    scheduler_.spawn([this]() -> Task<> {
      log_.push_back("passes it");
      co_return;
    });
    co_return;
  });
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"passes it", "held back by one"}));
}

TEST_F(CancellationTest, gives_back_a_permit_that_was_granted_already) {
  Semaphore semaphore(1);
  auto permit = semaphore.try_acquire();
  auto victim =
      scheduler_.spawn([&]() -> Task<> { const auto mine = co_await semaphore.acquire(); });
  scheduler_.run();
  permit.release();
  EXPECT_EQ(semaphore.free(), 0U);
  victim.cancel();
  scheduler_.run();
  EXPECT_EQ(semaphore.free(), 1U);
}

TEST_F(CancellationTest, gives_back_a_lock_that_was_granted_already) {
  Mutex mutex;
  auto lock = mutex.try_lock();
  auto victim = scheduler_.spawn([&]() -> Task<> { const auto mine = co_await mutex.lock(); });
  auto next = scheduler_.spawn([&]() -> Task<> { const auto mine = co_await mutex.lock(); });
  scheduler_.run();
  lock.release();
  victim.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_FALSE(next.task().cancelled());
  EXPECT_FALSE(mutex.is_locked());
}

TEST_F(CancellationTest, gives_back_an_item_that_was_granted_already) {
  Channel<int> channel(1);
  auto victim = scheduler_.spawn([&]() -> Task<> {
    const auto item = co_await channel.recv();
    log_.push_back("received " + std::to_string(item.value()));
  });
  scheduler_.run();
  scheduler_.spawn([&]() -> Task<> {
    co_await channel.send(7);
    victim.cancel();
  });
  scheduler_.run();
  EXPECT_EQ(channel.size(), 1U);
}

TEST_F(CancellationTest, passes_on_a_notification_that_was_given_already) {
  Mutex mutex;
  Condition condition(mutex);
  const auto wait = [&]() -> Task<> {
    auto lock = co_await mutex.lock();
    co_await condition.wait(lock);
  };
  auto victim = scheduler_.spawn(wait);
  auto next = scheduler_.spawn(wait);
  scheduler_.run();
  condition.notify_one();
  victim.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_FALSE(next.task().cancelled());
}

TEST_F(CancellationTest, by_when_any_loses_no_result_of_a_child_that_completed) {
  const auto seven = []() -> Task<int> { co_return 7; };
  const auto forever = []() -> Task<int> {
    co_await sleep_until(never);
    co_return 0;
  };
  const auto [never_ends, returns, is_cancelled] = run(when_any(forever(), seven(), forever()));
  EXPECT_FALSE(never_ends.has_value());
  EXPECT_EQ(returns, 7);
  EXPECT_FALSE(is_cancelled.has_value());
}

// Records what a guard can see of how its frame ends.
class Guard {
 public:
  explicit Guard(Log& log) : log_(log) {}
  Guard(const Guard&) = delete;
  Guard& operator=(const Guard&) = delete;
  ~Guard() {
    std::string seen = being_cancelled() ? "cancelled" : unwinding() ? "unwinding" : "returned";
    log_.push_back(seen + (std::uncaught_exceptions() > 0 ? ", an exception on its way" : ""));
  }

 private:
  Log& log_;
};

TEST_F(CancellationTest, is_seen_by_a_guard_whom_no_uncaught_exception_tells) {
  auto victim = scheduler_.spawn([this]() -> Task<> {
    const Guard guard(log_);
    co_await sleep_until(never);
  });
  scheduler_.round();
  victim.cancel();
  EXPECT_FALSE(being_cancelled());
  scheduler_.run();
  EXPECT_EQ(log_, Log{"cancelled"});
  EXPECT_FALSE(being_cancelled());
}

TEST_F(CancellationTest, is_distinguished_from_a_return_and_from_a_failure) {
  const auto with_parameter = [](std::unique_ptr<Guard> /*parameter*/, bool fails) -> Task<> {
    if (fails) {
      throw std::runtime_error("failed");
    }
    co_return;
  };
  scheduler_.spawn("", with_parameter, std::make_unique<Guard>(log_), false);
  scheduler_.spawn("", with_parameter, std::make_unique<Guard>(log_), true);
  scheduler_.spawn([this]() -> Task<> {
    const Guard local(log_);
    throw std::runtime_error("failed");
    co_return;
  });
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"returned", "unwinding", "unwinding, an exception on its way"}));
}

TEST_F(CancellationTest, is_seen_in_what_a_timeout_destroys_and_in_the_children_of_a_group) {
  const auto body = [this]() -> Task<> {
    const Guard guard(log_);
    TaskGroup group(scheduler_);
    group.spawn([this]() -> Task<> {
      const Guard child(log_);
      co_await sleep_until(never);
    });
    co_await group.join();
  };
  const auto limited = [&]() -> Task<> { co_await with_timeout(1ms, body()); };
  EXPECT_EQ(run(failure_of(limited())), std::errc::timed_out);
  EXPECT_EQ(log_, (Log{"cancelled", "cancelled"}));
}

TEST_F(CancellationTest, does_not_reach_the_clean_up_of_finally) {
  const auto clean_up = [this]() -> Task<> {
    co_await sleep_for(1ms);
    log_.push_back("clean");
  };
  auto victim = scheduler_.spawn(finally(stay("the body"), clean_up, 1s));
  scheduler_.round();
  victim.cancel();
  scheduler_.round();
  victim.cancel();
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"the body is gone", "clean"}));
}

TEST_F(CancellationTest, cannot_be_swallowed) {
  auto victim = scheduler_.spawn([this]() -> Task<> {
    for (;;) {
      try {
        co_await sleep_until(never);
      } catch (...) {
        log_.push_back("caught");
      }
    }
  });
  scheduler_.round();
  victim.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, Log{});
}

TEST_F(CancellationTest, keeps_the_captures_of_a_lambda_until_its_frame_is_gone) {
  auto victim = scheduler_.spawn([this, captured = Farewell(log_, "the captures")]() -> Task<> {
    const Farewell frame(log_, "the frame");
    co_await sleep_until(never);
  });
  scheduler_.round();
  victim.cancel();
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"the frame", "the captures"}));
}

class Bomb {
 public:
  Bomb() = default;
  Bomb(const Bomb&) = delete;
  Bomb& operator=(const Bomb&) = delete;
  ~Bomb() noexcept(false) { throw std::runtime_error("a destructor threw"); }
};

TEST_F(CancellationTest, ends_the_process_where_a_destructor_throws) {
  const auto cancel = [this](Task<> task) {
    auto victim = scheduler_.spawn(std::move(task));
    scheduler_.round();
    victim.cancel();
    scheduler_.round();
  };
  const auto with_local = []() -> Task<> {
    const Bomb local;
    co_await sleep_until(never);
  };
  const auto with_parameter = [](std::unique_ptr<Bomb> /*parameter*/) -> Task<> {
    co_await sleep_until(never);
  };
  EXPECT_DEATH(cancel(with_local()), "terminate called");
  EXPECT_DEATH(cancel(with_parameter(std::make_unique<Bomb>())), "terminate called");
}

}  // namespace
}  // namespace rehearsal::sched
