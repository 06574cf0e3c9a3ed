// The events of a trace as text for a person.
#pragma once

#include <cstdint>
#include <string>

#include "simnet/trace/trace.hpp"

namespace rehearsal::harness {

// Returns the number, virtual time, task (or host) and operation of an event:
// "    12     0.001234500 s  client-0/talk  send client-0/0#0> = 64".
[[nodiscard]] std::string event_line(std::uint64_t number, const simnet::TraceEvent& event);
// Returns the result of an event after a space: " = 64", " ECONNRESET", or, for a segment that
// arrives, " FIN". Empty if the event has no result.
[[nodiscard]] std::string outcome_text(const simnet::TraceEvent& event);

}  // namespace rehearsal::harness
