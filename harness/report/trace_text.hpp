// The events of a trace as a person reads them.
#pragma once

#include <cstdint>
#include <string>

#include "simnet/trace/trace.hpp"

namespace rehearsal::harness {

// "   12     0.001234500 s  client-0/0  send client-0/0#0> 64 bytes": its number, when, who, what.
[[nodiscard]] std::string event_line(std::uint64_t number, const simnet::TraceEvent& event);
// What came of it, after a blank: " = 64", " ECONNRESET", of what arrives " FIN"; empty where
// nothing is told.
[[nodiscard]] std::string outcome_text(const simnet::TraceEvent& event);

}  // namespace rehearsal::harness
