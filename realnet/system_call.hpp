// What every system call here has in common: how its failure is told, and that a signal handler may
// interrupt it (signal(7), "Interruption of system calls").
#pragma once

#include <cerrno>
#include <system_error>

#include "sched/seam/result.hpp"

namespace rehearsal::realnet {

// errno as a std::errc. EAGAIN is would_block, also where the two numbers differ.
inline std::errc last_error() {
  return errno == EAGAIN ? sched::would_block : static_cast<std::errc>(errno);
}

// Calls again while a signal handler interrupts. Not for close(2), which has then closed already,
// nor for a call with a timeout, which must be computed anew.
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
