// What a program outside this tree needs for a simulation test with GoogleTest.
#include <chrono>

#include <rehearsal/gtest.hpp>

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

rehearsal::Task<> nap(int& naps) {
  co_await rehearsal::sleep_for(1h);
  CO_ASSERT_EQ(naps, 0);
  ++naps;
}

REHEARSE(Bed, is_slept_in, {.runs = 20, .world = {.time_limit = 2h}}) {
  int& naps = world.make<int>(0);
  world.host("bed").spawn("nap", [&](auto& /*host*/) { return nap(naps); });
  world.run();
  EXPECT_EQ(naps, 1);
}

}  // namespace
