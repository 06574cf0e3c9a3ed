#include "sched/sync/when.hpp"

#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <tuple>

#include <gtest/gtest.h>

#include "sched/sync/channel.hpp"
#include "sched/sync/sleep.hpp"
#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

class WhenTest : public ScriptedTest {
 protected:
  Task<std::string> after(Duration how_long, std::string result) {
    const Farewell frame(log_, result + " is gone");
    co_await sleep_for(how_long);
    co_return result;
  }
  static Task<> nap(Duration how_long) { co_await sleep_for(how_long); }
  static Task<int> fail_after(Duration how_long, std::string what) {
    co_await sleep_for(how_long);
    throw std::runtime_error(what);
  }
};

TEST_F(WhenTest, all_runs_its_tasks_at_once_and_returns_their_results_in_their_order) {
  const auto [slow, nothing, fast] =
      run(when_all(after(5ms, "slow"), nap(1ms), after(2ms, "fast")));
  EXPECT_EQ(slow, "slow");
  EXPECT_EQ(nothing, std::monostate());
  EXPECT_EQ(fast, "fast");
  EXPECT_EQ(scheduler_.now(), at(5ms));
}

TEST_F(WhenTest, all_cancels_the_rest_when_one_fails_and_rethrows_that) {
  EXPECT_THROW(run(when_all(after(1h, "slow"), fail_after(1ms, "failed"))), std::runtime_error);
  EXPECT_EQ(log_, Log{"slow is gone"});
  EXPECT_EQ(scheduler_.now(), at(1ms));
}

TEST_F(WhenTest, all_of_nothing_is_there_at_once) { EXPECT_EQ(run(when_all()), std::tuple<>()); }

TEST_F(WhenTest, all_is_cancelled_with_the_task_that_waits_for_it) {
  auto handle = scheduler_.spawn(when_all(after(1h, "a"), after(1h, "b")));
  scheduler_.round();
  scheduler_.round();
  handle.cancel();
  EXPECT_EQ(scheduler_.run(), RunEnd::done);
  EXPECT_EQ(log_, (Log{"b is gone", "a is gone"}));
}

TEST_F(WhenTest, any_returns_the_result_of_the_first_and_cancels_the_others) {
  const auto [slow, fast, idle] = run(when_any(after(5ms, "slow"), after(2ms, "fast"), nap(1h)));
  EXPECT_EQ(slow, std::nullopt);
  EXPECT_EQ(fast, "fast");
  EXPECT_FALSE(idle.has_value());
  EXPECT_EQ(log_, (Log{"fast is gone", "slow is gone"}));
  EXPECT_EQ(scheduler_.now(), at(2ms));
}

TEST_F(WhenTest, any_rethrows_where_the_first_to_end_failed) {
  EXPECT_THROW(run(when_any(after(1h, "slow"), fail_after(1ms, "failed"))), std::runtime_error);
  EXPECT_EQ(log_, Log{"slow is gone"});
}

TEST_F(WhenTest, any_forgets_a_failure_that_would_have_come_later) {
  const auto [number, word] = run(when_any(fail_after(5ms, "failed"), after(1ms, "fast")));
  EXPECT_FALSE(number.has_value());
  EXPECT_EQ(word, "fast");
}

TEST_F(WhenTest, any_returns_results_that_can_only_be_moved) {
  const auto make = []() -> Task<std::unique_ptr<int>> { co_return std::make_unique<int>(7); };
  auto [first, second] = run(when_any(make(), make()));
  EXPECT_EQ(**first, 7);
  EXPECT_FALSE(second.has_value());
}

// Every item is in the result or still in its channel.
TEST_F(WhenTest, any_loses_no_item_of_the_channels_it_receives_from) {
  Channel<int> left(1);
  Channel<int> right(1);
  auto both = scheduler_.spawn(when_any(left.recv(), right.recv()));
  scheduler_.round();
  scheduler_.round();
  scheduler_.spawn([&]() -> Task<> {
    co_await right.send(2);
    co_await left.send(1);
  });
  scheduler_.run();
  const auto [from_left, from_right] = both.take();
  EXPECT_EQ(from_right, 2);
  EXPECT_EQ(from_left.has_value() ? 1U : left.size(), 1U);
}

}  // namespace
}  // namespace rehearsal::sched
