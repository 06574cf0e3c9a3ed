// A fast 64-bit hash of bytes, the same in every run and on every machine; not safe
// against adversaries.
#pragma once

#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>

#include "sched/base/wide.hpp"

namespace rehearsal::sched {

// Returns a 64-bit hash of the bytes, read as little-endian words.
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
  if (left >= 256) {  // eight at once: a product has a long latency, but one can start every cycle
    std::uint64_t e = ~a;
    std::uint64_t f = ~b;
    std::uint64_t g = ~c;
    std::uint64_t h = ~d;
    for (; left >= 128; at += 128, left -= 128) {
      a = fold(word(at) ^ 0xa0761d6478bd642f, word(at + 8) ^ a);
      b = fold(word(at + 16) ^ 0xe7037ed1a0b428db, word(at + 24) ^ b);
      c = fold(word(at + 32) ^ 0x8ebc6af09c88c6e3, word(at + 40) ^ c);
      d = fold(word(at + 48) ^ 0x589965cc75374cc3, word(at + 56) ^ d);
      e = fold(word(at + 64) ^ 0x1d8e4e27c47d124f, word(at + 72) ^ e);
      f = fold(word(at + 80) ^ 0xeb44accab455d165, word(at + 88) ^ f);
      g = fold(word(at + 96) ^ 0x2d358dccaa6c78a5, word(at + 104) ^ g);
      h = fold(word(at + 112) ^ 0x8bb84b93962eacc9, word(at + 120) ^ h);
    }
    a = fold(a, e ^ 0xa0761d6478bd642f);
    b = fold(b, f ^ 0xe7037ed1a0b428db);
    c = fold(c, g ^ 0x8ebc6af09c88c6e3);
    d = fold(d, h ^ 0x589965cc75374cc3);
  }
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
