// The sockets of simulated hosts as a person reads them, after ss(8).
#pragma once

#include <string>
#include <vector>

#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

// A line per socket: host and descriptor, kind, state, queues, addresses, connection.
[[nodiscard]] std::string socket_table(const std::vector<simnet::HostDiagnostics>& hosts);

}  // namespace rehearsal::harness
