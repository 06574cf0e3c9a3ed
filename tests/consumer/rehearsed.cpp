// What a program outside this tree needs for a rehearsal that is a GoogleTest test.
#include <chrono>

#include <harness/gtest/rehearse.hpp>

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
namespace sched = rehearsal::sched;

sched::Task<> nap(int& naps) {
  co_await sched::sleep_for(1h);
  CO_ASSERT_EQ(naps, 0);
  ++naps;
}

REHEARSE(Bed, is_slept_in, {.runs = 20}) {
  int& naps = world.make<int>(0);
  world.host("bed").spawn("nap", [&](auto& /*host*/) { return nap(naps); });
  world.run();
  EXPECT_EQ(naps, 1);
}

}  // namespace
