// Chooses the events that a report shows: those around each deviation, around the point of no
// return, around each fault, and before the failed check, and the last lines of the program's
// log.
#pragma once

#include <cstdint>
#include <vector>

#include "harness/report/timeline.hpp"
#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

// Returns the events to show: at most 30 if there is one deviation or none, 8 more for each further
// one, at most 62; and at most 18 of the way to the failed check: what its task received, and what
// the sender had received. `hit` has the numbers of other events to show, such as those of
// Effect, which come before all but the last events of the run.
[[nodiscard]] EventRows shown_events(const simnet::Diagnostics& evidence,
                                     const std::vector<std::uint64_t>& hit);

}  // namespace rehearsal::harness
