#include "record/record_text.hpp"

#include <array>
#include <cstdint>
#include <span>

#include <gtest/gtest.h>

namespace rehearsal::record {
namespace {

TEST(RecordText, lists_the_ready_sockets_of_a_wait) {
  const std::array ready{RecordedReady{5, 1}, RecordedReady{6, 3}};
  EXPECT_EQ(describe_data(RecordData::ready, std::as_bytes(std::span(ready))), "5:1 6:3");
  EXPECT_EQ(describe_data(RecordData::ready, {}), "");
}

TEST(RecordText, lists_the_numbers_of_signals) {
  const std::array<std::int32_t, 2> numbers{2, 15};
  EXPECT_EQ(describe_data(RecordData::numbers, std::as_bytes(std::span(numbers))), "2 15");
}

}  // namespace
}  // namespace rehearsal::record
