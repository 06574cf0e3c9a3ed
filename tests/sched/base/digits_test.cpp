#include "sched/base/digits.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <limits>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

namespace rehearsal::sched {
namespace {

template <class Number>
std::string decimal(Number number) {
  std::array<char, most_decimal_digits> digits{};
  return {digits.data(), put_decimal(digits.data(), number)};
}

std::string hex(std::uint64_t number) {
  std::array<char, 16> digits{};
  return {digits.data(), put_hex16(digits.data(), number)};
}

TEST(Digits, are_those_of_the_least_and_the_greatest_numbers) {
  EXPECT_EQ(decimal(std::uint64_t{0}), "0");
  EXPECT_EQ(decimal(std::numeric_limits<std::uint64_t>::max()), "18446744073709551615");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::min()), "-9223372036854775808");
  EXPECT_EQ(decimal(std::numeric_limits<std::int64_t>::max()), "9223372036854775807");
  EXPECT_EQ(hex(0), "0000000000000000");
  EXPECT_EQ(hex(0x0123456789abcdef), "0123456789abcdef");
}

// Every eight digits, whatever stands before them.
TEST(Digits, are_as_many_as_the_number_has) {
  std::uint64_t power = 1;
  for (int digits = 1; digits < 20; ++digits, power *= 10) {
    for (const std::uint64_t number : {power - 1, power, power + 1, 3 * power + power / 7}) {
      EXPECT_EQ(decimal(number), std::to_string(number));
    }
  }
}

RC_GTEST_PROP(Digits, are_those_that_the_library_writes, ()) {
  const auto number = *rc::gen::arbitrary<std::uint64_t>() >> *rc::gen::inRange(0, 64);
  RC_ASSERT(decimal(number) == std::to_string(number));
  const auto negative = -static_cast<std::int64_t>(number >> 1U);
  RC_ASSERT(decimal(negative) == std::to_string(negative));
  std::array<char, 17> expected{};
  std::snprintf(expected.data(), expected.size(), "%016llx",
                static_cast<unsigned long long>(number));
  RC_ASSERT(hex(number) == expected.data());
}

}  // namespace
}  // namespace rehearsal::sched
