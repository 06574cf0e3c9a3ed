#include "harness/number_text.hpp"

#include <chrono>
#include <limits>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

TEST(Words, NumbersAreGroupedByThousands) {
  EXPECT_EQ(grouped(0), "0");
  EXPECT_EQ(grouped(999), "999");
  EXPECT_EQ(grouped(1'000), "1,000");
  EXPECT_EQ(grouped(1'234'567), "1,234,567");
  EXPECT_EQ(grouped(std::numeric_limits<std::uint64_t>::max()), "18,446,744,073,709,551,615");
}

TEST(Words, ATimeHasTheUnitThatFitsIt) {
  EXPECT_EQ(in_words(0ns), "0 ns");
  EXPECT_EQ(in_words(850ns), "850 ns");
  EXPECT_EQ(in_words(1'500ns), "1.50 us");
  EXPECT_EQ(in_words(12'340us), "12.3 ms");
  EXPECT_EQ(in_words(123'456us), "123 ms");
  EXPECT_EQ(in_words(1'234ms), "1.23 s");
  EXPECT_EQ(in_words(60s), "1 min");
  EXPECT_EQ(in_words(125s), "2 min 5 s");
  EXPECT_EQ(in_words(200min), "3 h 20 min");
  EXPECT_EQ(in_words(52h), "2 d 4 h");
}

TEST(Words, AnExactTimeHasItsMicroseconds) {
  EXPECT_EQ(exact(0ns), "0.000 ms");
  EXPECT_EQ(exact(12'003'999ns), "12.003 ms");
  EXPECT_EQ(exact(1s), "1.000000 s");
  EXPECT_EQ(exact(61'500ms), "61.500000 s");
}

TEST(Words, AnOrdinalHasItsEnding) {
  EXPECT_EQ(nth(1), "1st");
  EXPECT_EQ(nth(2), "2nd");
  EXPECT_EQ(nth(3), "3rd");
  EXPECT_EQ(nth(4), "4th");
  EXPECT_EQ(nth(11), "11th");
  EXPECT_EQ(nth(113), "113th");
  EXPECT_EQ(nth(1'022), "1,022nd");
}

TEST(Words, OneThingHasNoPlural) {
  EXPECT_EQ(counted(1, "run"), "1 run");
  EXPECT_EQ(counted(0, "run"), "0 runs");
  EXPECT_EQ(counted(1'000, "run"), "1,000 runs");
}

}  // namespace
}  // namespace rehearsal::harness
