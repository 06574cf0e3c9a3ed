// The clock of a real network: CLOCK_MONOTONIC (clock_gettime(2)), in nanoseconds since boot. It
// does not advance while the machine is suspended. select(2) and epoll_wait(2) measure their
// timeouts by it. Its wall clock is CLOCK_REALTIME.
#pragma once

#include <ctime>

#include "sched/base/time.hpp"

namespace rehearsal::realnet {

// Returns the time that a clock shows.
inline sched::Duration reading_of(clockid_t clock) {
  timespec now{};
  ::clock_gettime(clock, &now);
  return std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec);
}
inline sched::Instant monotonic_now() { return sched::Instant(reading_of(CLOCK_MONOTONIC)); }
inline sched::WallTime wall_clock_now() { return sched::WallTime(reading_of(CLOCK_REALTIME)); }

}  // namespace rehearsal::realnet
