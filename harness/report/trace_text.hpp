// The events of a trace as text for a person.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "simnet/trace/trace.hpp"

namespace rehearsal::harness {

// Returns data for a person. Text that can be printed is in quotation marks, with \n, \r, \t, \"
// and \\ escaped: "PUB news hi\n"; anything else is in hexadecimal: hex 00 ff. After 60 characters
// it is cut, and the number of bytes follows: "GET /"... (1,024 bytes). `size` is the number of
// bytes of the data, of which `bytes` may be the beginning.
[[nodiscard]] std::string payload_text(std::string_view bytes, std::uint64_t size);
// Returns the data of an event after a space; size and hash if it is not kept; empty if there is
// none.
[[nodiscard]] std::string payload_of(const simnet::TraceEvent& event);
// Returns the operation of an event, with its result, data and source line:
// "send client-0/0#0> = 3 "hi\n" at echo.cpp:12".
[[nodiscard]] std::string operation_text(const simnet::TraceEvent& event);
// Returns the number, virtual time, task (or host) and operation of an event:
// "    12     0.001234500 s  client-0/talk  send client-0/0#0> = 3 "hi\n" at echo.cpp:12".
[[nodiscard]] std::string event_line(std::uint64_t number, const simnet::TraceEvent& event);
// Returns "FIN", "RST" or "probe" for a deliver event, or an empty text for data. REQUIRES: it has
// a result.
[[nodiscard]] std::string_view segment_text(const simnet::TraceEvent& event);
// Returns the result of an event after a space: " = 64", " ECONNRESET"; " FIN" for a segment that
// arrives; " cut" for a link. Empty if the event has no result.
[[nodiscard]] std::string outcome_text(const simnet::TraceEvent& event);

}  // namespace rehearsal::harness
