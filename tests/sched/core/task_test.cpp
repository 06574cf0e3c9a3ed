#include "sched/core/task.hpp"

#include <coroutine>
#include <cstdint>
#include <memory>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "sched/sync/timeout.hpp"
#include "tests/sched/scripted_test.hpp"
#include "tests/sched/simple_tasks.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using TaskTest = ScriptedTest;

// True if a task may await an `Awaitable`.
template <class Awaitable>
concept AwaitedByTask = requires(PromiseBase& promise, Awaitable&& awaitable) {
  promise.await_transform(std::forward<Awaitable>(awaitable));
};
static_assert(AwaitedByTask<Task<>>);
static_assert(!AwaitedByTask<Task<>&>, "a task goes with its one co_await");

Task<> keep(Farewell /*parameter*/) { co_return; }

TEST_F(TaskTest, does_nothing_before_it_is_awaited) {
  const auto greet = [this]() -> Task<> {
    log_.push_back("started");
    co_return;
  };
  run([&]() -> Task<> {
    Task<> task = greet();
    EXPECT_EQ(log_, Log{});
    co_await std::move(task);
    EXPECT_EQ(log_, Log{"started"});
  });
}

TEST_F(TaskTest, is_dropped_with_its_parameters_if_no_task_awaits_it) {
  {
    const Task<> task = keep(Farewell(log_, "the parameter"));
    EXPECT_EQ(log_, Log{});
  }
  EXPECT_EQ(log_, Log{"the parameter"});
}

TEST_F(TaskTest, is_moved_from_owner_to_owner) {
  Task<> task = keep(Farewell(log_, "the parameter"));
  Task<> next = std::move(task);
  EXPECT_TRUE(task.empty());  // NOLINT(bugprone-use-after-move)
  EXPECT_FALSE(next.empty());
  run(std::move(next));
  EXPECT_TRUE(next.empty());  // NOLINT(bugprone-use-after-move)
}

TEST_F(TaskTest, is_awaited_or_spawned_only_once) {
  Task<> task = keep(Farewell(log_, "the parameter"));
  run(std::move(task));
  EXPECT_DEATH(run(std::move(task)), "a task is awaited or spawned once");  // NOLINT
}

TEST_F(TaskTest, continues_in_its_callee_and_back_without_yielding) {
  const auto callee = [this]() -> Task<> {
    log_.push_back("callee");
    co_return;
  };
  const auto caller = [&]() -> Task<> {
    co_await callee();
    log_.push_back("caller");
  };
  scheduler_.spawn(caller);
  scheduler_.spawn([this]() -> Task<> {
    log_.push_back("other task");
    co_return;
  });
  scheduler_.run();
  EXPECT_EQ(log_, (Log{"callee", "caller", "other task"}));
}

TEST_F(TaskTest, destroys_its_frame_when_the_caller_takes_the_result) {
  run([this]() -> Task<> {
    co_await keep(Farewell(log_, "the callee's frame"));
    log_.push_back("the caller goes on");
  });
  EXPECT_EQ(log_, (Log{"the callee's frame", "the caller goes on"}));
}

TEST_F(TaskTest, gives_a_result_that_can_only_be_moved) {
  const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  EXPECT_EQ(*run(make), 7);
}

TEST_F(TaskTest, gives_a_result_that_has_no_default) {
  struct Chosen {
    explicit Chosen(int value) : value(value) {}
    int value;
  };
  const auto choose = []() -> Task<Chosen> { co_return Chosen(7); };
  EXPECT_EQ(run(choose).value, 7);
}

TEST_F(TaskTest, gives_a_reference) {
  int variable = 0;
  const auto refer = [&variable]() -> Task<int&> { co_return variable; };
  EXPECT_EQ(&run(refer), &variable);
}

TEST_F(TaskTest, gives_a_result_aligned_more_widely_than_a_frame) {
  struct alignas(64) Wide {
    Wide() : aligned(reinterpret_cast<std::uintptr_t>(this) % 64 == 0) {}
    Wide(Wide&& other) noexcept
        : aligned(other.aligned && reinterpret_cast<std::uintptr_t>(this) % 64 == 0) {}
    bool aligned;
  };
  const auto make = []() -> Task<Wide> { co_return Wide(); };
  EXPECT_TRUE(run(make).aligned);
}

TEST_F(TaskTest, passes_an_exception_through_each_frame_to_the_one_that_catches_it) {
  const auto between = [this]() -> Task<> {
    const Farewell local(log_, "a local on the way");
    co_await fail();
    log_.push_back("never reached");
  };
  run([&]() -> Task<> {
    try {
      co_await between();
    } catch (const std::runtime_error& error) {
      log_.push_back(error.what());
    }
    log_.push_back("the catcher goes on");
  });
  EXPECT_EQ(log_, (Log{"a local on the way", "failed", "the catcher goes on"}));
}

TEST_F(TaskTest, knows_its_own_record_in_each_of_its_frames) {
  const auto callee = []() -> Task<TaskRecord*> {
    TaskRecord& self = co_await this_task();
    co_return &self;
  };
  run([&]() -> Task<> {
    TaskRecord& self = co_await this_task();
    TaskRecord* below = co_await callee();
    EXPECT_EQ(below, &self);
    EXPECT_EQ(scheduler_.current(), &self);
  });
}

TEST_F(TaskTest, awaits_only_what_the_scheduler_can_wake) {
  const auto sleep_for_ever = []() -> Task<> { co_await std::suspend_always{}; };
  EXPECT_DEATH(run(sleep_for_ever), "awaits only what the scheduler knows how to wake");
}

TEST_F(TaskTest, awaits_two_million_times_in_a_loop) {
  const auto one = []() -> Task<int> { co_return 1; };
  const auto count = [&]() -> Task<int> {
    int sum = 0;
    for (int i = 0; i < 2'000'000; ++i) {
      sum += co_await one();
    }
    co_return sum;
  };
  EXPECT_EQ(run(count), 2'000'000);
}

constexpr int most_frames = 300'000;

// A chain of `depth` frames above `bottom`.
Task<int> chain(int depth, Task<> bottom) {
  if (depth == 0) {
    co_await std::move(bottom);
    co_return 0;
  }
  const int below = co_await chain(depth - 1, std::move(bottom));
  co_return below + 1;
}

TEST_F(TaskTest, returns_through_a_chain_of_300000_frames) {
  EXPECT_EQ(run(chain(most_frames, nap())), most_frames);
}

TEST_F(TaskTest, throws_through_a_chain_of_300000_frames) {
  EXPECT_THROW(run(chain(most_frames, fail())), std::runtime_error);
}

TEST_F(TaskTest, is_cancelled_at_the_bottom_of_a_chain_of_300000_frames) {
  auto handle = scheduler_.spawn("most_frames", chain(most_frames, sleep_for_ever()));
  scheduler_.round();
  EXPECT_EQ(handle.task().frames().size(), most_frames + 2);
  handle.cancel();
  scheduler_.round();
  EXPECT_TRUE(handle.task().cancelled());
}

TEST_F(TaskTest, is_timed_out_at_the_bottom_of_a_chain_of_300000_frames) {
  const auto body = []() -> Task<> {
    co_await with_timeout(1s, chain(most_frames, sleep_for_ever()));
  };
  EXPECT_EQ(run(failure_of(body())), std::errc::timed_out);
}

}  // namespace
}  // namespace rehearsal::sched
