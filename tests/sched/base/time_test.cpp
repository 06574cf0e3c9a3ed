#include "sched/base/time.hpp"

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

using namespace std::chrono_literals;

constexpr Instant start{};

TEST(Time, after_adds_a_duration_to_an_instant) {
  EXPECT_EQ(after(start + 5ms, 7ms), start + 12ms);
}

TEST(Time, after_a_negative_duration_is_now) { EXPECT_EQ(after(start + 5ms, -7ms), start + 5ms); }

TEST(Time, after_more_than_an_instant_can_hold_is_never) {
  EXPECT_EQ(after(start + 5ms, Duration::max()), never);
  EXPECT_EQ(after(start + 5ms, never - (start + 5ms)), never);
  EXPECT_EQ(after(start + 5ms, never - (start + 5ms) - 1ns), never - 1ns);
}

TEST(Time, after_an_instant_before_zero_is_not_never) {
  EXPECT_EQ(after(start - 5ms, 7ms), start + 2ms);
  EXPECT_EQ(after(start - 5ms, Duration::max()), never - 5ms);
}

}  // namespace
}  // namespace rehearsal::sched
