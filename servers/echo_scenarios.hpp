// How the echo server is rehearsed.
#pragma once

#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::servers {

[[nodiscard]] std::vector<simnet::Scenario> echo_scenarios();

}  // namespace rehearsal::servers
