// How far a choice deviates where a policy wants it to matter. Half of the time each doubling is as
// likely as any other, so that no scale is left out: what opens a window of a few microseconds,
// too. The other half every value is, so that most are of the largest scale: what outlasts a
// timeout.
#pragma once

#include <algorithm>
#include <bit>
#include <cstdint>

#include "sched/base/draw.hpp"
#include "simnet/choices/policy.hpp"

namespace rehearsal::simnet {

// From 1 to `most`, from 64 random bits. REQUIRES: most >= 1.
constexpr std::uint32_t log_uniform(std::uint64_t bits, std::uint32_t most) {
  const auto doublings = static_cast<std::uint32_t>(std::bit_width(most));
  const std::uint32_t size = std::uint32_t{1} << below(bits, doublings);
  return std::min(size + below(mix(bits), size), most);
}

// Likewise: log_uniform(), or uniformly.
constexpr std::uint32_t any_scale(std::uint64_t bits, std::uint32_t most) {
  const bool uniform = (bits & 1U) != 0;
  return uniform ? 1 + below(mix(bits), most) : log_uniform(mix(bits), most);
}

// By how many a task, or the news of a socket, is passed: no scenario limits that.
inline constexpr std::uint32_t most_passed = 1U << 10U;

// A value from 1 to outcomes - 1, or 0 where there is no other outcome.
constexpr std::uint32_t magnitude(const Question& question, std::uint64_t bits) {
  if (question.outcomes == 1) {
    return 0;
  }
  const bool orders = question.site == Site::run || question.site == Site::order;
  return any_scale(bits, std::min(orders ? most_passed : question.most, question.outcomes - 1));
}

}  // namespace rehearsal::simnet
