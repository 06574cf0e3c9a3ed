// Programs of socket calls, for comparison on both networks.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <iosfwd>
#include <string_view>
#include <vector>

namespace rehearsal::conformance {

enum class Action : std::uint8_t {
  pair,  // a listener, a client and its accepted end in one step; then the listener is closed
  listen,
  connect,
  accept,
  connected,
  send,
  fill,  // sends until it would block
  recv,
  drain,  // receives until nothing is left and all sent bytes have come
  shutdown_send,
  reset_on_close,  // switches it on or off
  close,
  abort,
  bind,
  set_peer,
  send_to,
  recv_from,
  local,
  peer
};
[[nodiscard]] std::string_view name(Action action);

// `which` selects one of the existing sockets that fit, `other` one of the addresses or options,
// `size` one of the sizes; each is taken modulo the number available.
struct Step {
  Action action = Action::pair;
  std::uint8_t which = 0;
  std::uint8_t other = 0;
  std::uint8_t size = 0;
};
using Program = std::vector<Step>;

std::ostream& operator<<(std::ostream& out, const Step& step);

// At most 30 steps. Shrinks by leaving out steps and by lowering numbers.
rc::Gen<Program> any_program();

}  // namespace rehearsal::conformance
