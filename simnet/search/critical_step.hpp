// The critical step of a failing run: where it was still open whether it fails.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace rehearsal::simnet {

// Whether a run passes that follows the failing one until this step, counted from 1, is about to
// happen, and goes on otherwise: the sample 0 nominally, each other one at random.
using Passes = std::function<bool(std::uint64_t step, std::uint64_t sample)>;

struct CriticalStep {
  std::uint64_t step = 0;  // the last from whose beginning some sample passes; 0: from none
  std::uint64_t passed = 0;
  std::uint64_t samples = 0;
};

// By bisection over the `steps` of the failing run: from where no sample passes none is taken to
// pass later, as each run from a later step is one from this step, too. So many samples may all
// fail where few continuations pass; then the step is too early.
[[nodiscard]] CriticalStep critical_step(std::uint64_t steps, std::uint64_t samples,
                                         const Passes& passes);

}  // namespace rehearsal::simnet
