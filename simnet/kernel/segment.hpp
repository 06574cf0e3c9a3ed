// Segment: a segment of a TCP connection on its way.
#pragma once

#include <cstdint>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

// The event of a segment that arrives has its kind in the upper bits of its result, above the
// number of bytes.
inline constexpr unsigned segment_kind_shift = 62;

struct Segment {
  // The kinds of segments. A probe asks whether the peer is alive.
  enum class Kind : std::uint8_t { data, fin, reset, probe };
  sched::Instant at{};    // when it arrives; `never` while it cannot
  std::uint64_t end = 0;  // number of bytes sent in this direction, up to and including it
  Kind kind = Kind::data;
};

}  // namespace rehearsal::simnet
