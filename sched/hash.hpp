// A fast 64-bit hash of bytes, the same on every run and every machine; not one for adversaries.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "sched/wide.hpp"

namespace rehearsal::sched {

// The product of two words, its halves folded together (the step of wyhash, Wang Yi).
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<UnsignedWide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

// A 64-bit hash of bytes, in little-endian words.
inline std::uint64_t hash_bytes(std::span<const std::byte> bytes) {
  static_assert(std::endian::native == std::endian::little);
  const auto word = [](const std::byte* from) {
    std::uint64_t value = 0;
    std::memcpy(&value, from, sizeof value);
    return value;
  };
  const std::byte* at = bytes.data();
  std::size_t left = bytes.size();
  std::uint64_t a = left;
  std::uint64_t b = 0x589965cc75374cc3;
  std::uint64_t c = 0x1d8e4e27c47d124f;
  std::uint64_t d = 0xeb44accab455d165;
  for (; left >= 64; at += 64, left -= 64) {
    a = fold(word(at) ^ 0xa0761d6478bd642f, word(at + 8) ^ a);
    b = fold(word(at + 16) ^ 0xe7037ed1a0b428db, word(at + 24) ^ b);
    c = fold(word(at + 32) ^ 0x8ebc6af09c88c6e3, word(at + 40) ^ c);
    d = fold(word(at + 48) ^ 0x589965cc75374cc3, word(at + 56) ^ d);
  }
  for (; left >= 8; at += 8, left -= 8) {
    a = fold(word(at) ^ 0xa0761d6478bd642f, a ^ b);
  }
  if (left > 0) {
    std::uint64_t rest = 0;
    std::memcpy(&rest, at, left);
    b = fold(rest ^ 0xe7037ed1a0b428db, b ^ a);
  }
  return fold(a ^ c, b ^ d);
}

}  // namespace rehearsal::sched
