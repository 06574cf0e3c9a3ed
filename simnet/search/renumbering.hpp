// Numbers as low as can be for what deviations name: of fewer clients, what client-3 and client-7
// did may do at client-0 and client-1.
#pragma once

#include <vector>

#include "simnet/choices/schedule.hpp"

namespace rehearsal::simnet {

// The same, where of each kind of thing those that are named have the lowest numbers, in the same
// order.
[[nodiscard]] std::vector<Deviation> renumbered(std::vector<Deviation> deviations);

}  // namespace rehearsal::simnet
