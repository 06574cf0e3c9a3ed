// A table of the last events, with a column for each host.
#pragma once

#include <string>
#include <vector>

#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

// Returns a row for each event, in order, and a column for each host, `width` characters wide in
// total. If some columns do not fit, the hosts whose last event is oldest are left out and named
// below the table. A width of 0 means a plain line for each event.
[[nodiscard]] std::string last_events(const std::vector<simnet::HostDiagnostics>& hosts,
                                      std::size_t width);

}  // namespace rehearsal::harness
