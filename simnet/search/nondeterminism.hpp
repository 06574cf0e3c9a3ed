// The one text about a run that its schedule does not determine.
#pragma once

#include <string>
#include <string_view>

namespace rehearsal::simnet {

// Returns a sentence about a schedule whose replay has another result, and the likely causes.
// `difference` is what the replay does: "passes".
[[nodiscard]] inline std::string nondeterminism_text(std::string_view difference) {
  return "NONDETERMINISTIC: replaying the same schedule " + std::string(difference) +
         ".\n"
         "The code under test depends on something outside the simulation: a real clock,\n"
         "a random number, a pointer value, uninitialized memory, or state left by an\n"
         "earlier run.";
}

}  // namespace rehearsal::simnet
