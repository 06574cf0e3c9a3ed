// Pairs of a server and clients that were not written for this library, as scenarios.
#pragma once

#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::guests {

// Returns one scenario for each pair. Calls what initialises the libraries once in a process.
[[nodiscard]] std::vector<simnet::Scenario> pairs();

}  // namespace rehearsal::guests
