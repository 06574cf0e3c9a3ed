#include "sched/core/timers.hpp"

#include <algorithm>
#include <chrono>
#include <cstdint>
#include <functional>
#include <iterator>
#include <memory>
#include <optional>
#include <set>
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

using Fired = std::vector<int>;

struct Random {
  std::uint64_t below(std::uint64_t bound) {
    state = state * 6364136223846793005U + 1442695040888963407U;
    return (state >> 16) % bound;
  }
  std::uint64_t state = 1;
};

class TimersTest : public ::testing::Test {
 protected:
  // Returns an alarm that records its number, set for `deadline`.
  std::unique_ptr<Alarm> alarm(int number, Duration deadline) {
    auto alarm = std::make_unique<Alarm>([this, number] { fired_.push_back(number); });
    timers_.set(*alarm, at(deadline));
    return alarm;
  }

  Timers timers_;
  Fired fired_;
};

TEST_F(TimersTest, fire_in_the_order_of_their_deadlines) {
  const auto last = alarm(3, 30ms);
  const auto first = alarm(1, 10ms);
  const auto second = alarm(2, 20ms);
  timers_.fire_due(at(1h));
  EXPECT_EQ(fired_, (Fired{1, 2, 3}));
}

TEST_F(TimersTest, fire_in_the_order_in_which_they_were_set_where_the_deadline_is_the_same) {
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int number = 0; number < 20; ++number) {
    alarms.push_back(alarm(number, 5ms));
  }
  timers_.fire_due(at(5ms));
  EXPECT_TRUE(std::ranges::is_sorted(fired_));
  EXPECT_EQ(fired_.size(), 20U);
}

TEST_F(TimersTest, never_fire_early) {
  const auto due = alarm(1, 10ms);
  const auto later = alarm(2, 10ms + 1ns);
  EXPECT_EQ(timers_.next(), at(10ms));
  timers_.fire_due(at(10ms) - 1ns);
  EXPECT_EQ(fired_, Fired{});
  timers_.fire_due(at(10ms));
  EXPECT_EQ(fired_, Fired{1});
  EXPECT_FALSE(due->is_set());
  EXPECT_TRUE(later->is_set());
  EXPECT_EQ(timers_.next(), at(10ms) + 1ns);
}

// Of 3,000, most are in the radix heap. The one that was set first is due last.
TEST_F(TimersTest, know_whether_one_was_set_before_others_however_many_there_are) {
  for (const int count : {1, 3'000}) {
    const std::uint64_t before = timers_.next_sequence();
    std::vector<std::unique_ptr<Alarm>> alarms;
    for (int number = 0; number < count; ++number) {
      alarms.push_back(alarm(number, number == 0 ? 1h : number * 1ms));
    }
    EXPECT_FALSE(timers_.has_one_before(before)) << count;
    EXPECT_TRUE(timers_.has_one_before(before + 1)) << count;
    alarms.front().reset();
    EXPECT_FALSE(timers_.has_one_before(before + 1)) << count;
  }
}

TEST_F(TimersTest, have_no_next_deadline_when_none_is_set) {
  EXPECT_EQ(timers_.next(), never);
  EXPECT_EQ(timers_.size(), 0U);
}

TEST_F(TimersTest, do_not_fire_once_unset_or_destroyed) {
  const auto unset = alarm(1, 10ms);
  auto destroyed = alarm(2, 20ms);
  unset->unset();
  destroyed.reset();
  EXPECT_EQ(timers_.size(), 0U);
  timers_.fire_due(at(1h));
  EXPECT_EQ(fired_, Fired{});
}

TEST_F(TimersTest, may_be_destroyed_by_one_that_fires_at_the_same_instant) {
  std::unique_ptr<Alarm> victim;
  Alarm killer([&victim] { victim.reset(); });
  timers_.set(killer, at(10ms));
  victim = alarm(2, 10ms);
  timers_.fire_due(at(10ms));
  EXPECT_EQ(fired_, Fired{});
}

TEST_F(TimersTest, also_fire_those_that_firing_sets_for_an_instant_that_is_due) {
  Alarm late([this] { fired_.push_back(2); });
  Alarm early([&] {
    fired_.push_back(1);
    timers_.set(late, at(20ms));
  });
  timers_.set(early, at(10ms));
  timers_.fire_due(at(20ms));
  EXPECT_EQ(fired_, (Fired{1, 2}));
}

TEST_F(TimersTest, are_each_set_once_at_a_time) {
  const auto set = alarm(1, 10ms);
  EXPECT_DEATH(timers_.set(*set, at(20ms)), "a timer is set once at a time");
}

TEST_F(TimersTest, are_no_longer_set_when_their_heap_is_gone) {
  Alarm alarm([] {});
  {
    Timers short_lived;
    short_lived.set(alarm, at(10ms));
  }
  EXPECT_FALSE(alarm.is_set());
}

// Timers are set and unset in an irregular order that takes each path through the heap.
TEST_F(TimersTest, agree_with_a_sorted_list) {
  Random random;
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<std::pair<std::uint64_t, int>> model;  // (deadline in ns, sequence)
  for (int number = 0; number < 2000; ++number) {
    const std::uint64_t deadline = random.below(100);
    alarms.push_back(alarm(number, Duration(deadline)));
    model.emplace_back(deadline, number);
    if (random.below(3) == 0) {
      const auto victim = random.below(model.size());
      alarms[static_cast<std::size_t>(model[victim].second)]->unset();
      model.erase(model.begin() + static_cast<std::ptrdiff_t>(victim));
    }
  }
  EXPECT_EQ(timers_.size(), model.size());
  timers_.fire_due(at(100ns));
  std::ranges::sort(model);
  Fired expected;
  std::ranges::transform(model, std::back_inserter(expected),
                         [](const auto& one) { return one.second; });
  EXPECT_EQ(fired_, expected);
}

// Thousands of timers: near, far, and at the same instant; some are unset again.
TEST_F(TimersTest, of_many_agree_with_a_sorted_set) {
  Random random;
  std::vector<std::unique_ptr<Alarm>> alarms;
  std::vector<Instant> deadlines;
  std::set<std::pair<Instant, int>> model;
  Instant now = at(-1s);
  // The number of timers rises and falls; all are within 2^`within` nanoseconds.
  for (const unsigned within : {40U, 20U, 30U, 8U, 40U, 30U}) {
    for (int step = 0; step < 10'000 || !model.empty(); ++step) {
      const bool grows = step < 5000;
      for (std::uint64_t more = random.below(grows ? 4 : 2); more > 0 && step < 10'000; --more) {
        const auto number = static_cast<int>(alarms.size());
        const unsigned bits = random.below(4) == 0 ? within / 2 : within;
        deadlines.push_back(now + Duration(random.below(std::uint64_t{1} << bits)));
        alarms.push_back(alarm(number, deadlines.back().time_since_epoch()));
        model.emplace(deadlines.back(), number);
      }
      if (random.below(3) == 0 && !deadlines.empty()) {
        const auto victim = random.below(deadlines.size());
        alarms[victim]->unset();
        model.erase({deadlines[victim], static_cast<int>(victim)});
      }
      if (random.below(grows ? 100 : 2) == 0 && !model.empty()) {
        const auto ahead = random.below(std::min<std::uint64_t>(model.size(), 30));
        now = std::max(now, std::next(model.begin(), static_cast<int>(ahead))->first);
      }
      Fired expected;
      for (; !model.empty() && model.begin()->first <= now; model.erase(model.begin())) {
        expected.push_back(model.begin()->second);
      }
      const std::vector<Timers::Entry> due = timers_.due(now);
      fired_.clear();
      timers_.fire_due(now);
      ASSERT_EQ(fired_, expected);
      ASSERT_EQ(due.size(), fired_.size());
      ASSERT_EQ(timers_.size(), model.size());
      ASSERT_EQ(timers_.next(), model.empty() ? never : model.begin()->first);
    }
  }
}

TEST_F(TimersTest, of_many_at_one_instant_fire_in_the_order_in_which_they_were_set) {
  std::vector<std::unique_ptr<Alarm>> alarms;
  for (int number = 0; number < 5000; ++number) {
    alarms.push_back(alarm(number, 5ms));
  }
  timers_.fire_due(at(5ms));
  EXPECT_TRUE(std::ranges::is_sorted(fired_));
  EXPECT_EQ(fired_.size(), 5000U);
}

TEST_F(TimersTest, that_are_unset_leave_nothing_behind_those_that_stay) {
  const auto stays = alarm(1, 1h);
  std::vector<std::unique_ptr<Alarm>> many;
  for (int number = 0; number < 2000; ++number) {
    many.push_back(alarm(0, 1min + number * 1s));
  }
  many.clear();
  EXPECT_EQ(timers_.size(), 1U);
  EXPECT_EQ(timers_.next(), at(1h));
  timers_.fire_due(at(1h));
  EXPECT_EQ(fired_, Fired{1});
}

TEST_F(TimersTest, of_many_are_no_longer_set_when_their_heap_is_gone) {
  std::vector<std::unique_ptr<Alarm>> alarms;
  {
    Timers short_lived;
    for (int number = 0; number < 2000; ++number) {
      alarms.push_back(std::make_unique<Alarm>([] {}));
      short_lived.set(*alarms.back(), at(number * 1s));
    }
  }
  EXPECT_TRUE(std::ranges::none_of(alarms, [](const auto& alarm) { return alarm->is_set(); }));
}

}  // namespace
}  // namespace rehearsal::sched
