// Random walk: each choice deviates at random, with the rate of its site and independently of all
// others. All outcomes within the rate's limit are equally likely, or all scales (magnitude.hpp).
#pragma once

#include <algorithm>
#include <cstdint>

#include "sched/base/draw.hpp"
#include "simnet/choices/magnitude.hpp"
#include "simnet/choices/rates.hpp"

namespace rehearsal::simnet {

// The random walk at one site. A choice has 64 random bits; the lower 32 decide whether
// it deviates.
struct RandomWalk {
  RandomWalk() = default;
  explicit RandomWalk(const Rate& rate, bool scales = false)
      : below((std::uint64_t{rate.per_million} << 32U) / 1'000'000),
        most(rate.most),
        all_scales(scales),
        allowed(rate.per_million != 0) {}

  [[nodiscard]] bool deviates(std::uint64_t bits) const {
    return static_cast<std::uint32_t>(bits) < below;
  }
  // Returns the outcome of a choice that deviates, or 0 if the choice has only one outcome.
  [[nodiscard]] std::uint32_t outcome(std::uint32_t outcomes, std::uint64_t bits) const {
    const std::uint32_t far = std::min(most, outcomes - 1);
    if (far == 0) {
      return 0;
    }
    return all_scales ? any_scale(mix(bits), far) : 1 + simnet::below(mix(bits), far);
  }

  std::uint64_t below = 0;
  std::uint32_t most = 1;
  bool all_scales = false;
  bool allowed = false;  // the rate is not 0
};

}  // namespace rehearsal::simnet
