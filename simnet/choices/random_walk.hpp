// Random walk: each choice deviates by chance, as often as the rate of its site says and
// independently of all others, to one of the outcomes within that rate's reach, each as likely.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sched/base/draw.hpp"
#include "simnet/choices/rates.hpp"

namespace rehearsal::simnet {

// What it does at one site. A choice has 64 bits of its draw: the lower 32 say whether it deviates.
struct RandomWalk {
  RandomWalk() = default;
  explicit RandomWalk(const Rate& rate)
      : below((std::uint64_t{rate.per_million} << 32U) / 1'000'000), most(rate.most) {}

  [[nodiscard]] bool deviates(std::uint64_t bits) const {
    return static_cast<std::uint32_t>(bits) < below;
  }
  // How a choice of so many outcomes comes out that deviates; 0 where it has only one.
  [[nodiscard]] std::uint32_t outcome(std::uint32_t outcomes, std::uint64_t bits) const {
    const std::uint32_t far = std::min(most, outcomes - 1);
    return far == 0 ? 0 : 1 + simnet::below(mix(bits), far);
  }

  std::uint64_t below = 0;
  std::uint32_t most = 1;
};

}  // namespace rehearsal::simnet
