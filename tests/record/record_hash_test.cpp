// The hash of a recording's bytes is XXH3, and bytes that are copied while
// hashing arrive unchanged.
#include "record/record_hash.hpp"

#include <algorithm>
#include <array>
#include <cstring>
#include <vector>

#include <gtest/gtest.h>

#include "record/record_log.hpp"

namespace rehearsal::record {
namespace {

std::vector<std::byte> pattern(std::size_t size) {
  std::vector<std::byte> bytes(size);
  for (std::size_t i = 0; i < size; ++i) {
    bytes[i] = static_cast<std::byte>(i * 37 + (i >> 8U) * 11);
  }
  return bytes;
}

// Values of the reference code without vectors, for each of the ways in which XXH3
// handles a length.
TEST(RecordHash, of_bytes_is_known) {
  EXPECT_EQ(record_hash(pattern(0)), 0x2d06800538d394c2);
  EXPECT_EQ(record_hash(pattern(5)), 0xc40249780c391189);
  EXPECT_EQ(record_hash(pattern(100)), 0x2683dfd767e27cae);
  EXPECT_EQ(record_hash(pattern(200)), 0x00ccce1a50c86a89);
  EXPECT_EQ(record_hash(pattern(1000)), 0xaff18679ba17e89b);
  EXPECT_EQ(record_hash(pattern(16384)), 0xa01010cd5177fb89);
}

TEST(RecordHash, is_the_same_whether_it_copies_and_whatever_the_alignment) {
  const auto from = pattern(20'000);
  std::vector<std::byte> to(20'128);
  for (std::size_t size = 0; size < 20'000; size += size < 600 ? 1 : 491) {
    const sched::ConstBytes bytes = sched::ConstBytes(from).first(size);
    std::byte* const at = to.data() + 8 * (size % 16);
    std::ranges::fill(to, std::byte{0xa5});
    ASSERT_EQ(copy_and_hash(at, bytes), record_hash(bytes)) << size;
    finish_copy();
    ASSERT_TRUE(size == 0 || std::memcmp(at, from.data(), size) == 0) << size;
    ASSERT_EQ(std::ranges::count(to.data(), at, std::byte{0xa5}), at - to.data()) << size;
    ASSERT_EQ(at[size], std::byte{0xa5}) << size;
  }
}

// Values of the reference code, folded by hand.
TEST(RecordHash, of_pieces_is_known_and_of_what_was_taken_of_them) {
  const auto bytes = pattern(300);
  const std::array<sched::ConstBytes, 2> pieces{sched::ConstBytes(bytes).first(100),
                                                sched::ConstBytes(bytes).subspan(100)};
  EXPECT_EQ(hash_of_pieces(pieces, 300), 0xb9701e8778bb3dec);
  EXPECT_EQ(hash_of_pieces(pieces, 100), hash_of_pieces(sched::Pieces(pieces).first(1), 100));
  const std::array<sched::ConstBytes, 2> begin{pieces[0], pieces[1].first(50)};
  EXPECT_EQ(hash_of_pieces(pieces, 150), hash_of_pieces(begin, 150));
}

// Recordings of other builds have it.
TEST(RecordHash, has_a_known_salt) {
  EXPECT_EQ(record_salt(7, 0), 7U);
  EXPECT_EQ(record_salt(7, 3), 7 + 3 * 0xd1342543de82ef95);
}

}  // namespace
}  // namespace rehearsal::record
