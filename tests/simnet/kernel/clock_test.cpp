#include "simnet/kernel/clock.hpp"

#include <chrono>
#include <cstdint>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::Duration;
using sched::Instant;

TEST(Clock, is_ahead_by_its_offset_and_by_what_it_has_gained) {
  EXPECT_EQ(Clock(0s, 0).local(Instant(10s)), Instant(10s));
  EXPECT_EQ(Clock(3s, 0).local(Instant(10s)), Instant(13s));
  EXPECT_EQ(Clock(3s, 100).local(Instant(10s)), Instant(13s + 1ms));
  EXPECT_EQ(Clock(-3s, -100).local(Instant(10s)), Instant(7s - 1ms));
}

TEST(Clock, jumps_forward) {
  Clock clock(1s, 100);
  clock.jump(2s);
  EXPECT_EQ(clock.local(Instant(10s)), Instant(13s + 1ms));
  EXPECT_EQ(clock.world(Instant(13s + 1ms)), Instant(10s));
}

TEST(Clock, may_gain_one_millionth) {
  const Clock clock(0s, 1);
  EXPECT_EQ(clock.local(Instant(1'000s)), Instant(1'000s + 1ms));
  EXPECT_EQ(clock.world(Instant(1'000s + 1ms)), Instant(1'000s));
}

TEST(Clock, never_shows_an_instant_that_never_comes) {
  EXPECT_EQ(Clock(1s, 0).world(sched::never), sched::never);
  EXPECT_EQ(Clock(1s, 100).world(sched::never), sched::never);
}

// A timer of a host fires when the host's clock shows its deadline, not before, and at most a
// nanosecond later.
RC_GTEST_PROP(Clock, shows_an_instant_when_the_world_comes_to_it, ()) {
  const Clock clock(Duration(*whole_range<std::int64_t>(-1'000'000'000'000, 1'000'000'000'000)),
                    *whole_range<std::int32_t>(-100'000, 100'000));
  const Instant local(Duration(*whole_range<std::int64_t>(0, 1'000'000'000'000'000)));
  const Instant world = clock.world(local);
  RC_ASSERT(clock.local(world) >= local);
  RC_ASSERT(clock.local(world - 2ns) < local);
}

}  // namespace
}  // namespace rehearsal::simnet
