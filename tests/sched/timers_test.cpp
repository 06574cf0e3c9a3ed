#include "sched/timers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

constexpr Instant at(Duration since_the_start) { return Instant{} + since_the_start; }

class Alarm final : public Timer {
 public:
  explicit Alarm(std::function<void()> ring) : ring_(std::move(ring)) {}

 private:
  void fire() override { ring_(); }

  std::function<void()> ring_;
};

using Numbers = std::vector<int>;

class TimersTest : public ::testing::Test {
 protected:
  // An alarm that writes its number down, set for `deadline`.
  std::unique_ptr<Alarm> alarm(int number, Duration deadline) {
    auto alarm = std::make_unique<Alarm>([this, number] { fired.push_back(number); });
    timers.set(*alarm, at(deadline));
    return alarm;
  }

  Timers timers;
  Numbers fired;
};

TEST_F(TimersTest, fire_in_the_order_of_their_deadlines) {
  const auto last = alarm(3, 30ms);
  const auto first = alarm(1, 10ms);
  const auto second = alarm(2, 20ms);
  timers.fire_due(at(1h));
  EXPECT_EQ(fired, (Numbers{1, 2, 3}));
}

TEST_F(TimersTest, fire_in_the_order_in_which_they_were_set_where_the_deadline_is_the_same) {
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int number = 0; number < 20; ++number) {
    alarms.push_back(alarm(number, 5ms));
  }
  timers.fire_due(at(5ms));
  EXPECT_TRUE(std::ranges::is_sorted(fired));
  EXPECT_EQ(fired.size(), 20U);
}

TEST_F(TimersTest, never_fire_early) {
  const auto due = alarm(1, 10ms);
  const auto later = alarm(2, 10ms + 1ns);
  EXPECT_EQ(timers.next(), at(10ms));
  timers.fire_due(at(10ms) - 1ns);
  EXPECT_EQ(fired, Numbers{});
  timers.fire_due(at(10ms));
  EXPECT_EQ(fired, Numbers{1});
  EXPECT_FALSE(due->is_set());
  EXPECT_TRUE(later->is_set());
  EXPECT_EQ(timers.next(), at(10ms) + 1ns);
}

TEST_F(TimersTest, have_no_next_deadline_when_none_is_set) {
  EXPECT_EQ(timers.next(), never);
  EXPECT_EQ(timers.size(), 0U);
}

TEST_F(TimersTest, do_not_fire_once_unset_or_destroyed) {
  const auto unset = alarm(1, 10ms);
  auto destroyed = alarm(2, 20ms);
  unset->unset();
  destroyed.reset();
  EXPECT_EQ(timers.size(), 0U);
  timers.fire_due(at(1h));
  EXPECT_EQ(fired, Numbers{});
}

TEST_F(TimersTest, may_be_destroyed_by_one_that_fires_at_the_same_instant) {
  std::unique_ptr<Alarm> victim;
  Alarm killer([&victim] { victim.reset(); });
  timers.set(killer, at(10ms));
  victim = alarm(2, 10ms);
  timers.fire_due(at(10ms));
  EXPECT_EQ(fired, Numbers{});
}

TEST_F(TimersTest, also_fire_those_that_firing_sets_for_an_instant_that_is_due) {
  Alarm late([this] { fired.push_back(2); });
  Alarm early([&] {
    fired.push_back(1);
    timers.set(late, at(20ms));
  });
  timers.set(early, at(10ms));
  timers.fire_due(at(20ms));
  EXPECT_EQ(fired, (Numbers{1, 2}));
}

TEST_F(TimersTest, are_each_set_once_at_a_time) {
  const auto set = alarm(1, 10ms);
  EXPECT_DEATH(timers.set(*set, at(20ms)), "a timer is set once at a time");
}

TEST_F(TimersTest, are_no_longer_set_when_their_heap_is_gone) {
  Alarm alarm([] {});
  {
    Timers short_lived;
    short_lived.set(alarm, at(10ms));
  }
  EXPECT_FALSE(alarm.is_set());
}

// Timers are set and unset in an irregular order, which takes each path through the heap.
TEST_F(TimersTest, agree_with_a_sorted_list) {
  std::uint64_t state = 1;
  const auto below = [&state](std::uint64_t bound) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 33) % bound;
  };
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<std::pair<std::uint64_t, int>> model;  // (deadline in ns, sequence)
  for (int number = 0; number < 2000; ++number) {
    const std::uint64_t deadline = below(100);
    alarms.push_back(alarm(number, Duration(deadline)));
    model.emplace_back(deadline, number);
    if (below(3) == 0) {
      const auto victim = below(model.size());
      alarms[static_cast<std::size_t>(model[victim].second)]->unset();
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(victim));
    }
  }
  EXPECT_EQ(timers.size(), model.size());
  timers.fire_due(at(100ns));
  std::ranges::sort(model);
  Numbers expected;
  std::ranges::transform(model, std::back_inserter(expected),
                         [](const auto& one) { return one.second; });
  EXPECT_EQ(fired, expected);
}

}  // namespace
}  // namespace rehearsal::sched
