// effect_of() with the run that lacks the deviation in a child, since that run may crash.
#pragma once

#include "harness/report/effect.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Replays `schedule` without the deviation, and compares. `failing` is the
// history of the schedule. Returns an empty effect if that run crashes. It ends after four times as
// many steps as the schedule takes, and 1,000.
[[nodiscard]] Effect effect_in_child(const simnet::Scenario& scenario,
                                     const simnet::Schedule& schedule,
                                     const simnet::AppliedDeviation& applied,
                                     const simnet::History& failing);

}  // namespace rehearsal::harness
