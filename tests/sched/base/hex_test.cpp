#include "sched/base/hex.hpp"

#include <array>
#include <cstdint>
#include <cstdio>
#include <string>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/whole_range.hpp"

namespace rehearsal::sched {
namespace {

TEST(Hex, has_16_digits) {
  EXPECT_EQ(hex16(0), "0000000000000000");
  EXPECT_EQ(hex16(0x0123456789abcdef), "0123456789abcdef");
}

RC_GTEST_PROP(Hex, is_what_the_library_writes, ()) {
  const auto number = *rc::gen::arbitrary<std::uint64_t>() >> *whole_range(0, 64);
  std::array<char, 17> expected{};
  std::snprintf(expected.data(), expected.size(), "%016llx",
                static_cast<unsigned long long>(number));
  RC_ASSERT(hex16(number) == expected.data());
}

}  // namespace
}  // namespace rehearsal::sched
