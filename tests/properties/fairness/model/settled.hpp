// What must hold between any round and any poll, whatever was cancelled before: nobody is in a wait
// who should not be, and nothing is held that nobody holds.
#pragma once

#include <string>
#include <vector>

#include "sched/core/executor.hpp"
#include "tests/properties/fairness/model/stage.hpp"

namespace rehearsal::fairness {

// What does not hold, in words; empty where all does. `watched` is the source's, in the order of
// (descriptor, direction).
std::string unsettled(sched::Executor& executor, const Stage& stage,
                      const std::vector<std::pair<sched::Descriptor, sched::Direction>>& watched);

template <class AnyRun>
std::string unsettled(AnyRun& run) {
  return unsettled(run.scheduler(), run.stage(), run.source().watched());
}

}  // namespace rehearsal::fairness
