// How long a test waits for what must happen: much longer than it takes, because a machine may be
// busy and sanitizers are slow. REHEARSAL_TEST_PATIENCE, a whole number, multiplies it.
#pragma once

#include <chrono>
#include <cstdlib>

namespace rehearsal {

// Returns `quiet`, at least 20 times the time on a quiet machine, times REHEARSAL_TEST_PATIENCE.
inline std::chrono::milliseconds patience(
    std::chrono::milliseconds quiet = std::chrono::minutes(10)) {
  const char* factor = std::getenv("REHEARSAL_TEST_PATIENCE");  // NOLINT(concurrency-mt-unsafe)
  return quiet * (factor == nullptr ? 1 : std::strtol(factor, nullptr, 10));
}

}  // namespace rehearsal
