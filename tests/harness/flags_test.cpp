#include "harness/flags.hpp"

#include <cstdint>
#include <string>
#include <vector>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

// CLI11 reads "010" as the octal number 8.
TEST(WholeNumber, has_no_leading_zeros) {
  const FlagCheck check = whole_number(0, 100);
  EXPECT_EQ(check("0"), "");
  EXPECT_EQ(check("10"), "");
  for (const std::string text : {"010", "00", "08", "", "101", "-1", "+1", "1 ", "0x1"}) {
    EXPECT_EQ(check(text), "'" + text + "' is not a whole number from 0 to 100");
  }
}

}  // namespace
}  // namespace rehearsal::harness
