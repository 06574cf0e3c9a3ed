#include "simnet/search/critical_step.hpp"

namespace rehearsal::simnet {

CriticalStep critical_step(std::uint64_t steps, std::uint64_t samples, const Passes& passes) {
  const auto any_passes = [&](std::uint64_t step) {
    for (std::uint64_t sample = 0; sample < samples; ++sample) {
      if (passes(step, sample)) {
        return true;
      }
    }
    return false;
  };
  std::uint64_t open = 0;          // some sample passes from here; 0: unknown
  std::uint64_t lost = steps + 1;  // no sample passes from here
  for (std::uint64_t next = 1; open + 1 < lost; next = open + (lost - open) / 2) {
    (any_passes(next) ? open : lost) = next;
  }
  CriticalStep found{open, 0, samples};
  for (std::uint64_t sample = 0; open != 0 && sample < samples; ++sample) {
    found.passed += passes(open, sample) ? 1U : 0U;
  }
  return found;
}

}  // namespace rehearsal::simnet
