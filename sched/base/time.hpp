// Time as the seam tells it: integer nanoseconds, virtual or real. Nothing above the seam reads a
// clock, so SeamClock has no now(): an Instant comes from a source only.
#pragma once

#include <chrono>
#include <cstdint>

namespace rehearsal::sched {

using Duration = std::chrono::nanoseconds;

struct SeamClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<SeamClock, Duration>;
  static constexpr bool is_steady = true;
};

// Monotonic; the zero is the source's own (boot for a real network, the start of the run for a
// world).
using Instant = SeamClock::time_point;

// The instant until which something may wait; `never` waits without end.
using Deadline = Instant;
inline constexpr Deadline never = Instant::max();

// `from + by`, or `never` where that lies beyond what an Instant can hold. A clock that is behind
// shows instants before zero.
constexpr Deadline after(Instant from, Duration by) {
  // In numbers: each operation of std::chrono on a type of its own costs each source that includes
  // this.
  const std::int64_t count = from.time_since_epoch().count();
  if (by.count() <= 0) {
    return from;
  }
  const bool beyond = count > 0 && by.count() >= INT64_MAX - count;
  return beyond ? never : Instant(Duration(count + by.count()));
}

}  // namespace rehearsal::sched
