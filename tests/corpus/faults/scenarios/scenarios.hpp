// Small scenarios whose faults are enumerated whole, and buggy variants of three of them.
#pragma once

#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::faults {

// Returns the scenarios "echo", "retry", "datagram", "timeout" and "transfer", which pass with any
// fault, and "datagram.buggy", "timeout.buggy" and "transfer.buggy", which do not.
[[nodiscard]] std::vector<simnet::Scenario> scenarios();

}  // namespace rehearsal::faults
