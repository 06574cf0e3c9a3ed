// The last events of each host, side by side.
#pragma once

#include <string>
#include <vector>

#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

// A row for each event, in their order, a column for each host, `width` characters in all. Hosts
// for whom there is no room are named below it, those that did nothing lately first. With a width
// of 0, a line for each event.
[[nodiscard]] std::string last_events(const std::vector<simnet::HostDiagnostics>& hosts,
                                      std::size_t width);

}  // namespace rehearsal::harness
