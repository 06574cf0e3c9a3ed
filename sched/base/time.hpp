// Time as a network reports it: integer nanoseconds, virtual or real. Code above the Network
// interface reads no clock, so SeamClock has no now(): an Instant comes only from an event source.
#pragma once

#include <cstdint>

// libstdc++ keeps durations and clocks in a header of their own. The calendars that <chrono> adds
// take 8 % of the time to compile a server.
#if __has_include(<bits/chrono.h>)
#include <bits/chrono.h>
#else
#include <chrono>
#endif

namespace rehearsal::sched {

/// A time span in integer nanoseconds.
using Duration = std::chrono::nanoseconds;

/// The clock of a host. It has no now(); see Host::now.
struct SeamClock {
  using rep = std::int64_t;
  using period = std::nano;
  using duration = Duration;
  using time_point = std::chrono::time_point<SeamClock, Duration>;
  static constexpr bool is_steady = true;
};

/// A point of monotonic time. Its zero depends on the source: boot for a real network, the start of
/// the run for a simulated world.
using Instant = SeamClock::time_point;

/// A point of wall-clock time (UTC), in nanoseconds since 1970-01-01 without leap seconds. It may
/// jump, so measure durations with Instant. See Host::wall_clock.
using WallTime = std::chrono::time_point<std::chrono::system_clock, Duration>;

/// The instant until which something may wait.
using Deadline = Instant;
/// The deadline of a wait without a time limit.
inline constexpr Deadline never = Instant::max();

/// Returns `from + by`, or `never` if that exceeds the range of Instant. Returns `from` if `by` is
/// negative. `from` may be negative: a clock that is behind shows instants before zero.
constexpr Deadline after(Instant from, Duration by) {
  // Uses numbers, because each std::chrono operation on a new type slows the compilation of every
  // source that includes this.
  const std::int64_t count = from.time_since_epoch().count();
  if (by.count() <= 0) {
    return from;
  }
  const bool beyond = count > 0 && by.count() >= INT64_MAX - count;
  return beyond ? never : Instant(Duration(count + by.count()));
}

}  // namespace rehearsal::sched
