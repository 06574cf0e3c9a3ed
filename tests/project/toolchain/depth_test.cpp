// Depth and length: resumption through a trampoline needs constant stack in every build. The same
// chains by symmetric transfer overflow the stack with g++ 12 at -O0, -O1 and -Og and under its
// address sanitizer; clang 19 makes them tail calls in every build.
#include <gtest/gtest.h>

#include "tests/project/toolchain/tiny_task.hpp"
#include "tests/project/toolchain/tracked.hpp"

namespace rehearsal::toolchain {
namespace {

constexpr int deep = 300'000;
constexpr int long_loop = 2'000'000;

TinyTask<int> chain(int depth) {
  if (depth == 0) co_return 0;
  const int below = co_await chain(depth - 1);
  co_return below + 1;
}
TEST(Depth, a_chain_of_calls) { EXPECT_EQ(chain(deep).run(), deep); }

TinyTask<int> failing_chain(int depth) {
  if (depth == 0) throw std::runtime_error("at the bottom");
  const int below = co_await failing_chain(depth - 1);
  co_return below + 1;
}
TEST(Depth, an_exception_from_the_bottom_of_a_chain) {
  // Unwinding takes time per frame, so this chain is shorter.
  EXPECT_THROW(failing_chain(deep / 10).run(), std::runtime_error);
}

TinyTask<int> awaits_in_a_loop(int times) {
  int sum = 0;
  for (int i = 0; i < times; ++i) {
    sum += co_await number(1);
  }
  co_return sum;
}
TEST(Depth, a_loop_of_awaits) { EXPECT_EQ(awaits_in_a_loop(long_loop).run(), long_loop); }

}  // namespace
}  // namespace rehearsal::toolchain
