// Shrinking removes from a failing schedule what the failure does not need.
//
// Delta debugging (Zeller, Hildebrandt: Simplifying and isolating failure-inducing input, TSE 2002)
// over the deviations: first parameters of the scenario, then all deviations of one site at once,
// then chunks in the order of the run, halved down to single ones. Only the rest without a chunk is
// tried, never the chunk alone, which finds as much in fewer runs (Hodovan, Kiss: Practical
// improvements to the minimizing delta debugging algorithm, 2016). Values are lowered by bisection,
// and so are the moments of host faults.
//
// When no deviation can be removed on its own, three more moves are tried: remove one and renumber
// the later ones of the same entity; remove one and enlarge another; start over from the given
// schedule with every delay at its maximum. All of this repeats until nothing more can be removed.
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

/// The result of one run of a schedule.
struct Outcome {
  /// How it failed, or nothing if it passed.
  std::optional<Failure> failure;
  /// The deviations that applied, in the order in which the choices were made.
  std::vector<Deviation> deviated;
  /// Number of task resumptions.
  std::uint64_t steps = 0;
  /// Digest of all events.
  std::uint64_t digest = 0;
};

/// Runs a schedule. It must return the same result for the same schedule.
using Attempt = std::function<Outcome(const Schedule& schedule)>;

/// Returns an Attempt that runs in this process, which a crash of the program ends. `scenario`
/// must outlive it.
[[nodiscard]] Attempt attempt_here(const Scenario& scenario);
/// Returns the parts of a run's result that shrinking uses.
[[nodiscard]] Outcome outcome_of(const RunResult& result);
/// Returns the deviations of a schedule that did not apply in its run.
[[nodiscard]] std::vector<Deviation> not_applied(const Schedule& schedule, const Outcome& outcome);

/// Limits of shrink(). When one is reached, the schedule may not be minimal.
struct ShrinkBound {
  /// Maximum number of runs, at least 2 to make progress: the first run verifies the
  /// schedule itself.
  std::uint64_t runs = 5'000;
  /// Maximum number of task resumptions of all runs together.
  std::uint64_t steps = 2'000'000'000;
  /// The rates of the scenario. They limit how far a delay is raised if another can be removed in
  /// exchange. Without them the limit is the largest value of its site in the given schedule.
  Rates rates{};
  /// Number of candidates to skip when you continue to shrink; see Shrunk::tried.
  std::uint64_t tried = 0;
};

/// The result of shrink(). If a limit was reached, call shrink() again with this `schedule`, its
/// `tried` and the same rates. Each call makes progress if it has at least two runs, so repeated
/// calls reach a minimal schedule.
struct Shrunk {
  /// The shrunk schedule, which fails with `failure`.
  Schedule schedule;
  /// The failure, or nothing if the given schedule passes.
  std::optional<Failure> failure;
  /// Number of deviations of the given schedule.
  std::size_t deviations_before = 0;
  /// Number of runs used.
  std::uint64_t runs = 0;
  /// Number of candidates, from the first, that were tried on `schedule` without success. A call
  /// that continues skips them.
  std::uint64_t tried = 0;
  /// Whether no limit was reached. If so, the schedule does not fail in this way without any single
  /// one of its deviations, nor with any of the lower values that were tried.
  bool minimal = false;
};

/// Shrinks `failing` with runs of `attempt`, within `bound`. Accepts only candidates that fail with
/// the same failure (see same_failure()).
[[nodiscard]] Shrunk shrink(const Schedule& failing, const Attempt& attempt,
                            const ShrinkBound& bound = {});

}  // namespace rehearsal::simnet
