// The point of no return of a failing run: the step during which the share of failing continuations
// rises most. A continuation replays the run up to the beginning of a step and then continues with
// other choices.
//
// The share is estimated at few steps. The interval with the greatest rise is halved again and
// again until it is a single step; both ends of that step are then sampled more, and another
// interval may take over. If the share never falls, the step found is the one with the greatest
// rise, up to the error of the estimates.
#pragma once

#include <cstdint>
#include <functional>
#include <vector>

namespace rehearsal::simnet {

// The continuations from the beginning of one step.
struct Continuations {
  std::uint64_t step = 0;    // counted from 1; one more than the last step: the whole run
  std::uint64_t failed = 0;  // of `samples`
  std::uint64_t samples = 0;

  [[nodiscard]] double share() const {
    return static_cast<double>(failed) / static_cast<double>(samples);
  }
};

// The result of one continuation.
struct Continued {
  bool failed = false;
  std::uint64_t steps = 0;  // task resumptions, with those before the step
};
// Replays the failing run up to the beginning of `step`, then continues with other choices: the
// defaults for sample 0, random ones for the others.
using Continue = std::function<Continued(std::uint64_t step, std::uint64_t sample)>;

struct ContinuationBound {
  std::uint64_t first = 10;  // samples of each step that is examined
  std::uint64_t most = 40;   // samples of each end of the point of no return
  std::uint64_t runs = 1'000;
  // Task resumptions of all continuations together. If it is reached sooner, fewer samples are
  // taken of each step, and at last the search stops.
  std::uint64_t steps = 10'000'000;
};

struct PointOfNoReturn {
  // The step, counted from 1; 0: none, because nothing was sampled or because the share does not
  // rise: all continuations from the first step fail.
  std::uint64_t step = 0;
  // The first step of the interval that contains the point. It is `step`, unless a bound was
  // reached.
  std::uint64_t from = 0;
  // The continuations that begin before step `from` and after step `step`.
  Continuations before;
  Continuations after;
  // The estimates at all steps that were examined, in the order of steps. The last is the run
  // itself, which fails.
  std::vector<Continuations> curve;
};

// Finds the point of no return of a failing run with `steps` steps, within `bound`.
[[nodiscard]] PointOfNoReturn point_of_no_return(std::uint64_t steps, const Continue& proceed,
                                                 const ContinuationBound& bound = {});

}  // namespace rehearsal::simnet
