// Swarm testing (Groce, Zhang, Eide, Chen, Regehr: Swarm testing, ISSTA 2012): each run leaves some
// sites out and raises the rates of others. A fault that is frequent in every run can hide a bug
// that needs many faults of one kind and none of another.
#pragma once

#include <algorithm>
#include <cstdint>

#include "sched/base/draw.hpp"
#include "simnet/choices/rates.hpp"

namespace rehearsal::simnet {

// Returns the rates of the run of this seed: each of `rates` is set to 0, kept, or multiplied by up
// to 32, to at most 50%. Rates that are 0 by default, such as those of resets and packet loss, are
// never raised.
inline Rates swarm(std::uint64_t seed, const Rates& rates) {
  constexpr std::uint64_t most = 500'000;
  const Rates usual = Rates::usual();
  Rates chosen = rates;
  for (std::size_t site = 0; site < site_count; ++site) {
    Rate& rate = chosen.of[site];
    const std::uint64_t bits = draw(mix(seed), 0x737761726d, site);
    if (bits % 3 == 0) {
      rate.per_million = 0;
    } else if (bits % 3 == 1 && usual.of[site].per_million != 0 && rate.per_million < most) {
      const std::uint64_t more = std::uint64_t{rate.per_million} << (1 + below(mix(bits), 5));
      rate.per_million = static_cast<std::uint32_t>(std::min(more, most));
    }
  }
  return chosen;
}

}  // namespace rehearsal::simnet
