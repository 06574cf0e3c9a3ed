// The common part of all system calls: how they report failure, and how they continue after a
// signal handler interrupts them (signal(7), "Interruption of system calls").
#pragma once

#include <cerrno>
#include <system_error>

#include "sched/seam/result.hpp"

namespace rehearsal::realnet {

// Returns errno as a std::errc. EAGAIN is would_block, even if the two numbers differ.
inline std::errc last_error() {
  return errno == EAGAIN ? sched::would_block : static_cast<std::errc>(errno);
}

// Repeats the call while a signal handler interrupts it. Not for close(2), which has closed the
// descriptor already, nor for a call with a timeout, which must be computed again.
template <class Call>
auto retry_interrupted(Call call) {
  for (;;) {
    const auto result = call();
    if (result >= 0 || errno != EINTR) [[likely]] {
      return result;
    }
  }
}

}  // namespace rehearsal::realnet
