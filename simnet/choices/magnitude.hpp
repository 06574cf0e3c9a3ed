// The size of a deviation, for policies that want it to have an effect. In half of the cases each
// power of two is equally likely, so that no scale is left out; small values open a window of a few
// microseconds. In the other half each value is equally likely, so that most values are large; they
// outlast a timeout.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "sched/base/draw.hpp"
#include "simnet/choices/policy.hpp"

namespace rehearsal::simnet {

// Returns a value from 1 to `most` on a logarithmic scale, from 64 random bits.
// REQUIRES: most >= 1.
constexpr std::uint32_t log_uniform(std::uint64_t bits, std::uint32_t most) {
  const auto doublings = static_cast<std::uint32_t>(std::bit_width(most));
  const std::uint32_t size = std::uint32_t{1} << below(bits, doublings);
  return std::min(size + below(mix(bits), size), most);
}

// Returns a value from 1 to `most`, logarithmic or uniform. REQUIRES: most >= 1.
constexpr std::uint32_t any_scale(std::uint64_t bits, std::uint32_t most) {
  const bool uniform = (bits & 1U) != 0;
  return uniform ? 1 + below(mix(bits), most) : log_uniform(mix(bits), most);
}

// The largest deviation of Site::run and Site::order, whose rates have no suitable limit.
inline constexpr std::uint32_t most_passed = 1U << 10U;

// Returns a value from 1 to outcomes - 1, or 0 if there is only one outcome.
constexpr std::uint32_t magnitude(const Question& question, std::uint64_t bits) {
  if (question.outcomes == 1) {
    return 0;
  }
  const bool orders = question.site == Site::run || question.site == Site::order;
  return any_scale(bits, std::min(orders ? most_passed : question.most, question.outcomes - 1));
}

}  // namespace rehearsal::simnet
