// Sleeps, in virtual time if a guest makes them. The clocks are in simnet/interpose.
#include <unistd.h>

#include <ctime>

#include "simnet/guest/process/time_value.hpp"
#include "simnet/guest/symbols/real.hpp"

using rehearsal::simnet::timespec_of;

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name)
extern "C" {

int nanosleep(const timespec* time, timespec* left) {
  REHEARSAL_CALL(nanosleep, (time, left), clock_nanosleep(CLOCK_MONOTONIC, 0, *time));
}
int clock_nanosleep(clockid_t clock, int flags, const timespec* time, timespec* left) {
  if (rehearsal::simnet::Guest::current() != nullptr) {
    return rehearsal::simnet::in_guest([&](rehearsal::simnet::Process& process) {
             return process.clock_nanosleep(clock, flags, *time);
           }) < 0
               ? errno
               : 0;
  }
  REHEARSAL_REAL_CALL(clock_nanosleep, (clock, flags, time, left));
}
int usleep(useconds_t microseconds) {
  const timespec time = timespec_of(std::chrono::microseconds(microseconds));
  REHEARSAL_CALL(usleep, (microseconds), clock_nanosleep(CLOCK_MONOTONIC, 0, time));
}
unsigned sleep(unsigned seconds) {
  const timespec time{static_cast<time_t>(seconds), 0};
  if (rehearsal::simnet::Guest::current() != nullptr) {
    nanosleep(&time, nullptr);
    return 0;
  }
  REHEARSAL_REAL_CALL(sleep, (seconds));
}
int clock_getres(clockid_t clock, timespec* resolution) noexcept {
  if (rehearsal::simnet::Guest::current() != nullptr) {
    if (resolution != nullptr) {
      *resolution = {0, 1};
    }
    return 0;
  }
  REHEARSAL_REAL_CALL(clock_getres, (clock, resolution));
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name)
