// One round of the cipher AES (FIPS 197): SubBytes, ShiftRows, MixColumns, and the key on top. Each
// bit that comes out depends on a quarter of those that go in, and x86 has an instruction for it.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rehearsal::sched {

// 16 bytes, little-endian; a column of the cipher's state is a half of one.
struct AesBlock {
  std::uint64_t low = 0;
  std::uint64_t high = 0;
  friend bool operator==(const AesBlock&, const AesBlock&) = default;
};

namespace aes {

// What a byte of the first row adds to its column, for each value that it can have.
consteval std::array<std::uint32_t, 256> columns() {
  const auto twice = [](unsigned x) {
    return ((x << 1U) ^ ((x & 0x80U) != 0 ? 0x1bU : 0U)) & 0xffU;
  };
  const auto turned = [](unsigned x, unsigned by) { return ((x << by) | (x >> (8 - by))) & 0xffU; };
  std::array<std::uint32_t, 256> table{};
  unsigned power = 1;    // of 3, which generates all but 0
  unsigned inverse = 1;  // of it
  for (unsigned i = 0; i < 256; ++i) {
    const unsigned value = i == 255 ? 0 : power;
    const unsigned x = i == 255 ? 0 : inverse;
    const unsigned s = x ^ turned(x, 1) ^ turned(x, 2) ^ turned(x, 3) ^ turned(x, 4) ^ 0x63U;
    table[value] = twice(s) | s << 8U | s << 16U | (twice(s) ^ s) << 24U;
    power ^= twice(power);
    inverse ^= inverse << 1U;  // divided by 3
    inverse ^= inverse << 2U;
    inverse ^= inverse << 4U;
    inverse = (inverse ^ ((inverse & 0x80U) != 0 ? 0x09U : 0U)) & 0xffU;
  }
  return table;
}

inline constexpr std::array<std::uint32_t, 256> table = columns();

}  // namespace aes

// Without the instruction.
constexpr AesBlock aes_round(const AesBlock& block, const AesBlock& key) {
  const auto byte = [&block](std::size_t i) {
    const std::uint64_t half = i % 16 < 8 ? block.low : block.high;
    return static_cast<std::uint8_t>(half >> (8 * (i % 8)));
  };
  const auto turned = [](std::uint32_t x, unsigned by) { return x << by | x >> (32 - by); };
  const auto column = [&](std::size_t c) {
    return std::uint64_t{aes::table[byte(4 * c)] ^ turned(aes::table[byte(4 * c + 5)], 8) ^
                         turned(aes::table[byte(4 * c + 10)], 16) ^
                         turned(aes::table[byte(4 * c + 15)], 24)};
  };
  return {(column(0) | column(1) << 32U) ^ key.low, (column(2) | column(3) << 32U) ^ key.high};
}

}  // namespace rehearsal::sched
