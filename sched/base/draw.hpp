// Random numbers by counter: each is a pure function of a seed and its purpose, so an additional
// draw changes no other. Integers only; the same on every machine and standard library.
#pragma once

#include <cstdint>

namespace rehearsal::simnet {

// Returns a bijection of 64 bits that spreads every bit over all: the finaliser of SplitMix64
// (Steele, Lea, Flood: Fast splittable pseudorandom number generators, 2014).
constexpr std::uint64_t mix(std::uint64_t x) {
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111eb;
  return x ^ (x >> 31U);
}

inline constexpr std::uint64_t golden_gamma = 0x9e3779b97f4a7c15;

// Returns 64 random bits for (seed, entity, counter).
constexpr std::uint64_t draw(std::uint64_t seed, std::uint64_t entity, std::uint64_t counter) {
  return mix(mix(seed ^ entity) + counter * golden_gamma);
}

// Returns a number below `bound`, computed from the upper 32 of 64 random bits (Lemire: Fast
// random integer generation in an interval, 2019; without its rejection, so the bias is below
// bound / 2^32).
constexpr std::uint32_t below(std::uint64_t bits, std::uint32_t bound) {
  return static_cast<std::uint32_t>(((bits >> 32U) * bound) >> 32U);
}

}  // namespace rehearsal::simnet
