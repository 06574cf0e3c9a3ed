// Destroying a cancelled task takes constant stack, however deep its calls are.
#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "sched/sync/task_group.hpp"
#include "sched/sync/timeout.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;
using CancellationDepthTest = ScriptedTest;

Task<> chain(int depth) {
  if (depth == 0) {
    co_await sleep_until(never);
  } else {
    co_await chain(depth - 1);
  }
}
Task<> nest(Executor& executor, int depth) {
  TaskGroup group(executor);
  if (depth == 0) {
    co_await sleep_until(never);
  } else {
    group.spawn(nest(executor, depth - 1));
  }
  co_await group.join();
}
constexpr int deep = 40'000;
// A recursion may need fewer than 200 bytes of stack for each group.
constexpr int very_deep = 400'000;

TEST_F(CancellationDepthTest, of_a_chain_of_40000_frames_does_not_overflow_the_stack) {
  auto victim = scheduler_.spawn(chain(deep));
  scheduler_.round();
  victim.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
}

TEST_F(CancellationDepthTest, of_400000_nested_groups_does_not_overflow_the_stack) {
  auto victim = scheduler_.spawn(nest(scheduler_, very_deep));
  scheduler_.run();
  EXPECT_EQ(scheduler_.task_count(), very_deep + 1U);
  victim.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
}

TEST_F(CancellationDepthTest, by_a_timeout_of_40000_nested_groups_does_not_overflow_the_stack) {
  const auto limited = [this]() -> Task<> { co_await with_timeout(1ms, nest(scheduler_, deep)); };
  EXPECT_EQ(run(failure_of(limited())), std::errc::timed_out);
  EXPECT_EQ(scheduler_.task_count(), 0U);
}

}  // namespace
}  // namespace rehearsal::sched
