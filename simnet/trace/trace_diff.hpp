// Compares two traces and finds their first difference.
#pragma once

#include <cstdint>
#include <variant>

#include "simnet/trace/trace.hpp"
#include "simnet/trace/trace_reader.hpp"

namespace rehearsal::simnet {

// All events are the same (same_event), and so are the ends.
struct TracesEqual {
  std::uint64_t events = 0;
};

// One of two different records: an event, or the end if the trace has no more events.
struct TraceSide {
  std::uint64_t line = 0;
  TraceRecord record;
};

// The first records that differ. If only one of them is a TraceEnd, that trace ends early. If both
// are, the same events had different ends.
struct TraceDifference {
  std::uint64_t index = 0;  // number of equal events before
  TraceSide left;
  TraceSide right;
};

enum class TraceWhich : std::uint8_t { left, right };

// The traces are equal up to a record that cannot be read; if both have one, it is the left one's.
struct TraceUnreadable {
  TraceWhich which = TraceWhich::left;
  std::uint64_t index = 0;
  TraceError error;
};

using TraceComparison = std::variant<TracesEqual, TraceDifference, TraceUnreadable>;

// Compares both from their present positions. Headers are not compared: runs that were started in
// different ways may be the same run.
[[nodiscard]] TraceComparison diff(TraceReader& left, TraceReader& right);

}  // namespace rehearsal::simnet
