// Sentences that describe deviations.
#pragma once

#include <string>

#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

// Returns a sentence without its full stop, as in "server/client-2 was held back by 1 at 12.003 ms,
// so that server/client-1 ran first".
[[nodiscard]] std::string sentence(const simnet::AppliedDeviation& applied);

}  // namespace rehearsal::harness
