// Renumbering for shrinking: with fewer clients, what client-3 and client-7 did may also happen at
// client-0 and client-1.
#pragma once

#include <vector>

#include "simnet/choices/schedule.hpp"

namespace rehearsal::simnet {

// Returns the deviations with the numbers in entity names lowered: names of each kind are numbered
// from 0, in the same order.
[[nodiscard]] std::vector<Deviation> renumbered(std::vector<Deviation> deviations);

}  // namespace rehearsal::simnet
