#include "simnet/kernel/run_event.hpp"

#include <array>

namespace rehearsal::simnet {

std::string_view name(Op op) {
  static constexpr std::array<std::string_view, op_count> names = {
      "spawn",   "resume",    "done",     "failed",  "cancelled", "listen",  "accept",
      "connect", "connected", "recv",     "send",    "shutdown",  "close",   "abort",
      "bind",    "recv_from", "send_to",  "resolve", "resolved",  "signals", "signal",
      "inbox",   "message",   "blocking", "random",  "choose",    "deliver", "fault",
      "kill",    "power_off", "restart",  "pause",   "link",      "options", "set_peer"};
  return names[static_cast<std::size_t>(op)];
}

}  // namespace rehearsal::simnet
