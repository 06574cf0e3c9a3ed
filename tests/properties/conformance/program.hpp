// Programs of socket calls, as conformance runs them on both networks.
#pragma once

#include <rapidcheck.h>

#include <cstdint>
#include <iosfwd>
#include <string_view>
#include <vector>

namespace rehearsal::conformance {

enum class Action : std::uint8_t {
  pair,  // a listener, a client and its accepted end in one step, and the listener is closed
  listen,
  connect,
  accept,
  connected,
  send,
  fill,  // sends until it would block
  recv,
  drain,  // receives until there is nothing more, and all that was sent has come
  shutdown_send,
  reset_on_close,  // or no longer
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

// `which` is one of the sockets that exist and fit, `other` one of the addresses or options, `size`
// one of the sizes: each counts modulo what there is.
struct Step {
  Action action = Action::pair;
  std::uint8_t which = 0;
  std::uint8_t other = 0;
  std::uint8_t size = 0;
};
using Program = std::vector<Step>;

std::ostream& operator<<(std::ostream& out, const Step& step);

// At most 30 steps; shrinks by leaving out steps and by lowering numbers.
rc::Gen<Program> any_program();

}  // namespace rehearsal::conformance
