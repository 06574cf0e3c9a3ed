// The echo server as one whose recordings are replayed and rehearsed.
#pragma once

#include <optional>
#include <string>

#include "harness/recorded/recordable_server.hpp"

namespace rehearsal::servers {

// Every byte comes back, in order.
[[nodiscard]] std::optional<std::string> judge_echo(const harness::Conversation& conversation);

[[nodiscard]] harness::RecordableServer recordable_echo();

}  // namespace rehearsal::servers
