// The faults of a run in the order of time: each with its host, and with what that host did before.
#pragma once

#include <string>

#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

// Returns a line for each change of a host or a link, for each fault rule that had an effect, and
// for each deviation that is a fault of a call or a packet; at most 40 lines. Empty if there is
// none.
[[nodiscard]] std::string fault_list(const simnet::Diagnostics& evidence);

}  // namespace rehearsal::harness
