// Shrinking takes out of a failing schedule what the failure does not need.
//
// Delta debugging (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, TSE 2002)
// over the deviations: parameters of the scenario first, then all of one site at once, then chunks
// in the order in which they came, halved down to one. Only what is left after a chunk was taken
// away is tried, never the chunk alone, which finds as much in fewer runs (Hodovan, Kiss: Practical
// improvements to the minimizing delta debugging algorithm, 2016). Values are lowered by bisection.
// Where none can go any more, one may go where those after it at its entity move up by one, or for
// one that is raised, or from what was given with all delays as long as they may be. All of it is
// repeated until nothing more goes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <vector>

#include "simnet/choices/rates.hpp"
#include "simnet/choices/schedule.hpp"
#include "simnet/failure.hpp"

namespace rehearsal::simnet {

struct RunResult;
struct Scenario;

// What one run of a schedule came to.
struct Outcome {
  std::optional<Failure> failure;  // nothing: it passed
  std::vector<Deviation>
      deviated;  // those that were applied, in the order in which they were asked
  std::uint64_t steps = 0;
  std::uint64_t digest = 0;
};

// Runs a schedule. It gives the same for the same schedule.
using Attempt = std::function<Outcome(const Schedule& schedule)>;

// Runs it in this process, which a crash would end. `scenario` must outlive the result.
[[nodiscard]] Attempt attempt_here(const Scenario& scenario);
[[nodiscard]] Outcome outcome_of(const RunResult& result);

// Where shrinking stops although more may go.
struct ShrinkBound {
  std::uint64_t runs = 5'000;
  std::uint64_t steps = 2'000'000'000;  // of all runs together
  // Those of the scenario: as far as they let it, a delay is raised where others go for it. Without
  // them, as far as one of its site goes in what is given.
  Rates rates{};
  std::uint64_t tried = 0;  // as the Shrunk says whose schedule is given, which it resumes
};

// Where its bound was met, shrinking its schedule goes on, with its `tried` and the same rates:
// each such resumption makes the schedule less or tries something new, if only it may have two
// runs, of which the first is of the schedule itself. So there is an end, which is minimal.
struct Shrunk {
  Schedule schedule;               // fails with `failure`
  std::optional<Failure> failure;  // nothing: the schedule that was given passes
  std::size_t deviations_before = 0;
  std::uint64_t runs = 0;
  // What is tried on a schedule comes in an order, up to the first that makes it less. Of what is
  // tried on this one, so many, from the first, are known to be to no avail.
  std::uint64_t tried = 0;
  // The bound was not met: without any single one of its deviations, and with none of their values
  // that were tried below, does the schedule fail with that failure.
  bool minimal = false;
};

[[nodiscard]] Shrunk shrink(const Schedule& failing, const Attempt& attempt,
                            const ShrinkBound& bound = {});

}  // namespace rehearsal::simnet
