// The echo server, as a server whose recordings can be replayed and simulated.
#pragma once

#include <optional>
#include <string>

#include "harness/recorded/recordable_server.hpp"

namespace rehearsal::servers {

// Checks that every byte comes back, in order. Returns what is wrong, or nothing.
[[nodiscard]] std::optional<std::string> judge_echo(const harness::Conversation& conversation);

[[nodiscard]] harness::RecordableServer recordable_echo();

}  // namespace rehearsal::servers
