// The critical step (point of no return) of a failing run: the last step from which it could still
// have passed.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>

namespace rehearsal::simnet {

// Replays the failing run up to `step`, counted from 1, then continues with other choices: the
// defaults for sample 0, random ones for the rest. Returns whether that run passes.
using Passes = std::function<bool(std::uint64_t step, std::uint64_t sample)>;

struct CriticalStep {
  // The last step from whose beginning some sample passes; 0 if there is none.
  std::uint64_t step = 0;
  // Number of samples that pass from `step`.
  std::uint64_t passed = 0;
  // Number of samples that were tried from `step`.
  std::uint64_t samples = 0;
};

// Finds the critical step among the `steps` of the failing run, by bisection with `samples`
// continuations each. Assumes that if all samples fail from one step, all fail from later steps,
// since each run from a later step is also one from this step. If few continuations pass, all
// samples may miss them; the step is then too early.
[[nodiscard]] CriticalStep critical_step(std::uint64_t steps, std::uint64_t samples,
                                         const Passes& passes);

}  // namespace rehearsal::simnet
