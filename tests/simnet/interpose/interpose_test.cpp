// A program in a simulated world asks the C library for the time or for random bytes.
#include <sys/random.h>
#include <sys/time.h>

#include <ctime>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

struct Asked {
  timespec clock{};
  timeval day{};
  time_t seconds = 0;
  std::chrono::nanoseconds steady{};
  std::array<std::uint64_t, 2> random{};
  std::uint64_t entropy = 0;

  static Asked now() {
    Asked asked;
    ::clock_gettime(CLOCK_REALTIME, &asked.clock);
    ::gettimeofday(&asked.day, nullptr);
    asked.seconds = ::time(nullptr);
    asked.steady = std::chrono::steady_clock::now().time_since_epoch();
    EXPECT_EQ(::getrandom(asked.random.data(), sizeof asked.random, 0), 16);
    EXPECT_EQ(::getentropy(&asked.entropy, sizeof asked.entropy), 0);
    return asked;
  }
};

Asked asked_in_a_world(const WorldOptions& options = {}) {
  World world(Policy::nominal(), options);
  Asked asked;
  world.host("asks").spawn([&asked](ProgramHost& /*host*/) -> Task<> {
    co_await sched::sleep_for(90s);
    asked = Asked::now();
  });
  EXPECT_TRUE(world.run().ok());
  return asked;
}

TEST(Interpose, gives_a_program_in_a_world_its_virtual_time) {
  WorldOptions options;
  options.epoch = sched::WallTime(1000s);
  const Asked asked = asked_in_a_world(options);
  EXPECT_EQ(asked.clock.tv_sec, 1090);
  EXPECT_EQ(asked.day.tv_sec, 1090);
  EXPECT_EQ(asked.seconds, 1090);
  EXPECT_EQ(std::chrono::floor<std::chrono::seconds>(asked.steady), 90s);
}

TEST(Interpose, gives_it_the_random_bytes_of_the_data_seed) {
  WorldOptions other;
  other.data_seed = 99;
  EXPECT_EQ(asked_in_a_world().random, asked_in_a_world().random);
  EXPECT_EQ(asked_in_a_world().entropy, asked_in_a_world().entropy);
  EXPECT_NE(asked_in_a_world().random, asked_in_a_world(other).random);
  EXPECT_NE(asked_in_a_world().entropy, asked_in_a_world(other).entropy);
}

TEST(Interpose, leaves_what_runs_outside_a_world_alone) {
  const Asked first = Asked::now();
  asked_in_a_world();
  const Asked second = Asked::now();
  EXPECT_GT(first.clock.tv_sec, 1'700'000'000);
  EXPECT_GE(second.steady, first.steady);
  EXPECT_NE(first.random, second.random);
  EXPECT_NE(first.entropy, second.entropy);
}

TEST(InterposeDeathTest, ends_a_program_that_asks_where_the_world_refuses_it) {
  WorldOptions strict;
  strict.refuse_library_calls = true;
  EXPECT_DEATH(asked_in_a_world(strict), "clock_gettime\\(\\) called in a simulation");
}

}  // namespace
}  // namespace rehearsal::simnet
