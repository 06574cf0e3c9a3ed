// The scenarios that simulate the echo server.
#pragma once

#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::servers {

[[nodiscard]] std::vector<simnet::Scenario> echo_scenarios();

}  // namespace rehearsal::servers
