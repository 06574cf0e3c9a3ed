// Where two traces part.
#pragma once

#include <cstdint>
#include <variant>

#include "simnet/trace/trace.hpp"
#include "simnet/trace/trace_reader.hpp"

namespace rehearsal::simnet {

// The events are the same (same_event), and so are the ends.
struct TracesEqual {
  std::uint64_t events = 0;
};

// What one of the two has where they part: an event, or its end where it has no more.
struct TraceSide {
  std::uint64_t line = 0;
  TraceRecord record;
};

// The first records that differ. Where one of them is a TraceEnd and the other is not, that trace
// ends early; where both are, the same events came to different ends.
struct TraceDifference {
  std::uint64_t index = 0;  // how many events both have before
  TraceSide left;
  TraceSide right;
};

enum class TraceWhich : std::uint8_t { left, right };

// The traces are the same up to where one of them, the left one first, cannot be read on.
struct TraceUnreadable {
  TraceWhich which = TraceWhich::left;
  std::uint64_t index = 0;
  TraceError error;
};

using TraceComparison = std::variant<TracesEqual, TraceDifference, TraceUnreadable>;

// Reads both from where they are. Headers are not compared: two runs that were started in different
// ways may be the same run.
[[nodiscard]] TraceComparison diff(TraceReader& left, TraceReader& right);

}  // namespace rehearsal::simnet
