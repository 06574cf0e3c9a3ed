// What led from the deviations to the failure, task by task.
#pragma once

#include <string>

#include "simnet/trace/history.hpp"

namespace rehearsal::harness {

// Returns one line for each task that does something else than in the default run: the first thing
// it does otherwise, and what it does there in the default run. In the order of time, 10 tasks at
// most. Returns nothing if one of the histories lacks events.
[[nodiscard]] std::string consequences(const simnet::History& failing,
                                       const simnet::History& other);

}  // namespace rehearsal::harness
