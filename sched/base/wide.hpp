// 128-bit integers, which hold the product of any two 64-bit integers.
#pragma once

#include <cstdint>

namespace rehearsal::sched {

// An extension of both compilers; `__extension__` avoids a warning of -Wpedantic.
__extension__ using Wide = __int128;
__extension__ using UnsignedWide = unsigned __int128;

// Returns the product of two words with its halves combined by exclusive or (the step of wyhash,
// Wang Yi).
constexpr std::uint64_t fold(std::uint64_t a, std::uint64_t b) {
  const auto product = static_cast<UnsignedWide>(a) * b;
  return static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64U);
}

}  // namespace rehearsal::sched
