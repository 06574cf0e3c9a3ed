// The hash of a recording's bytes is what recording_format.md says, whoever computes its rounds.
#include "record/record_hash.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "record/aes_round.hpp"

namespace rehearsal::sched {
namespace {

constexpr std::array every = {RoundsBy::software, RoundsBy::instruction,
                              RoundsBy::wide_instruction};

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i * 37 + (i >> 8U) * 11);
  }
  return bytes;
}

// FIPS 197, appendix B: the first round of the example.
TEST(AesRound, is_that_of_the_standard) {
  EXPECT_EQ(
      aes_round({0x2be2f4a0bee33d19, 0x0848f8e92a8dc69a}, {0xb12c548817fefaa0, 0x05766c2a3939a323}),
      (AesBlock{0x2b359f68f27f9ca4, 0x49506a0243ea5b6b}));
}

// From an implementation of the text by itself.
TEST(RecordHash, of_bytes_is_known) {
  EXPECT_EQ(record_hash(pattern(0)), 0x24d61366672c9fae);
  EXPECT_EQ(record_hash(pattern(100)), 0x2036ce37dd2df922);
  EXPECT_EQ(record_hash(pattern(1000)), 0x9290f179efd8e4a2);
  EXPECT_EQ(record_hash(pattern(16384)), 0x30ac779ffaa6c23d);
}

TEST(RecordHash, is_the_same_whoever_computes_it_whether_it_copies_and_whatever_the_alignment) {
  const auto from = pattern(20'000);
  std::vector<std::byte> to(20'128);
  for (std::size_t size = 0; size < 20'000; size += size < 600 ? 1 : 491) {
    const ConstBytes bytes = ConstBytes(from).first(size);
    const std::uint64_t hash = record_hash(bytes);
    std::byte* const at = to.data() + 8 * (size % 16);
    ASSERT_EQ(copy_and_hash(at, bytes), hash) << size;
    for (const RoundsBy how : every) {
      if (!can(how)) {
        continue;
      }
      ASSERT_EQ(record_hash_by(how, bytes), hash) << size << ' ' << static_cast<int>(how);
      std::ranges::fill(to, std::byte{0xa5});
      ASSERT_EQ(record_hash_by(how, bytes, at), hash) << size << ' ' << static_cast<int>(how);
      ASSERT_TRUE(size == 0 || std::memcmp(at, from.data(), size) == 0) << size;
      ASSERT_EQ(std::ranges::count(to.data(), at, std::byte{0xa5}), at - to.data()) << size;
      ASSERT_EQ(at[size], std::byte{0xa5}) << size;
    }
  }
}

TEST(RecordHash, of_bytes_that_differ_in_a_bit_differs) {
  const auto bytes = pattern(1000);
  const std::uint64_t hash = record_hash(bytes);
  auto changed = bytes;
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    changed[i / 8] ^= std::byte{1} << (i % 8);
    EXPECT_NE(record_hash(changed), hash) << i;
    changed[i / 8] = bytes[i / 8];
  }
}

// Half of the bits change with one that goes in, wherever it is.
TEST(RecordHash, spreads_each_bit_over_all) {
  auto bytes = pattern(1000);
  const std::uint64_t hash = record_hash(bytes);
  std::array<int, 64> changes{};
  for (std::size_t i = 0; i < bytes.size() * 8; ++i) {
    bytes[i / 8] ^= std::byte{1} << (i % 8);
    const std::uint64_t difference = record_hash(bytes) ^ hash;
    bytes[i / 8] ^= std::byte{1} << (i % 8);
    for (std::size_t bit = 0; bit < changes.size(); ++bit) {
      changes[bit] += static_cast<int>((difference >> bit) & 1U);
    }
  }
  for (const int count : changes) {  // 4000 are expected, with a standard deviation of 45
    EXPECT_GT(count, 3700);
    EXPECT_LT(count, 4300);
  }
}

}  // namespace
}  // namespace rehearsal::sched
