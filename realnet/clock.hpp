// The clock of a real network: CLOCK_MONOTONIC (clock_gettime(2)), in nanoseconds since boot. It
// does not advance while the machine is suspended. select(2) and epoll_wait(2) measure their
// timeouts by it.
#pragma once

#include <ctime>

#include "sched/base/time.hpp"

namespace rehearsal::realnet {

// Returns the current time.
inline sched::Instant monotonic_now() {
  timespec now{};
  ::clock_gettime(CLOCK_MONOTONIC, &now);
  return sched::Instant(std::chrono::seconds(now.tv_sec) + std::chrono::nanoseconds(now.tv_nsec));
}

}  // namespace rehearsal::realnet
