// Integers of 128 bits, which hold the product of any two of 64.
#pragma once

#include <cstdint>

namespace rehearsal::sched {

// An extension of both compilers, which -Wpedantic would otherwise tell of.
__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

// The product of two words, its halves folded together (the step of wyhash, Wang Yi).
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<UnsignedWide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace rehearsal::sched
