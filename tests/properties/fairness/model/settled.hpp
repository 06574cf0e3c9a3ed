// Conditions that must hold between any round and any poll, whatever was cancelled before: no task
// is in a wait it should not be in, and every held resource has a holder.
#pragma once

#include <string>
#include <vector>

#include "sched/core/executor.hpp"
#include "tests/properties/fairness/model/stage.hpp"

namespace rehearsal::fairness {

// Returns the condition that does not hold, in words, or an empty string. `watched` is the source's
// list, in the order of (descriptor, direction).
std::string unsettled(sched::Executor& executor, const Stage& stage,
                      const std::vector<std::pair<sched::Descriptor, sched::Direction>>& watched);

template <class AnyRun>
std::string unsettled(AnyRun& run) {
  return unsettled(run.scheduler(), run.stage(), run.source().watched());
}

}  // namespace rehearsal::fairness
