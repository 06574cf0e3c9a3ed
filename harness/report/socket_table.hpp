// The sockets of simulated hosts as a table for a person, similar to ss(8).
#pragma once

#include <string>
#include <vector>

#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

// Returns a line per socket: host and descriptor, kind, state, queues, addresses, connection.
[[nodiscard]] std::string socket_table(const std::vector<simnet::HostDiagnostics>& hosts);

}  // namespace rehearsal::harness
