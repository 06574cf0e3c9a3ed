// A table of events, with a column for each host.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

// Events of one run, in order.
using EventRows = std::vector<const simnet::NumberedEvent*>;

// Returns a row for each event, and a column for each host, `width` characters wide in total. If
// some columns do not fit, the hosts whose last event is oldest are left out and named below the
// table. A width of 0 means a plain line for each event. Where events of the run are left out
// between two rows, a line has their number.
[[nodiscard]] std::string event_table(const EventRows& rows, const std::vector<std::string>& hosts,
                                      std::size_t width);

}  // namespace rehearsal::harness
