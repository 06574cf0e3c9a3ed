// The time structures of the C library, as durations.
#pragma once

#include <sys/time.h>

#include <ctime>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

inline constexpr long nanoseconds_of_second = 1'000'000'000;

[[nodiscard]] inline bool is_valid(const timespec& time) {
  return time.tv_sec >= 0 && time.tv_nsec >= 0 && time.tv_nsec < nanoseconds_of_second;
}
[[nodiscard]] inline sched::Duration duration_of(const timespec& time) {
  return std::chrono::seconds(time.tv_sec) + sched::Duration(time.tv_nsec);
}
[[nodiscard]] inline sched::Duration duration_of(const timeval& time) {
  return std::chrono::seconds(time.tv_sec) + std::chrono::microseconds(time.tv_usec);
}
[[nodiscard]] inline timespec timespec_of(sched::Duration time) {
  return {time.count() / nanoseconds_of_second, time.count() % nanoseconds_of_second};
}
[[nodiscard]] inline timeval timeval_of(sched::Duration time) {
  return {time.count() / nanoseconds_of_second, time.count() % nanoseconds_of_second / 1000};
}

}  // namespace rehearsal::simnet
