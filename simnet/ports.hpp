// Which addresses and ports mean the same, and which are free (bind(2), ip(7)).
#pragma once

#include "sched/endpoint.hpp"
#include "simnet/network.hpp"

namespace rehearsal::simnet {

inline bool is_wildcard(const sched::Endpoint& at) {
  return at.with_port(0) == sched::Endpoint("0.0.0.0", 0) ||
         at.with_port(0) == sched::Endpoint("::", 0);
}
inline bool is_loopback(const sched::Endpoint& at) {
  return (at.family() == sched::Endpoint::Family::ipv4 && at.bytes()[0] == 127) ||
         at.with_port(0) == sched::Endpoint("::1", 0);
}
// Where what is sent to `to` goes: to this host, where it is a wildcard.
inline sched::Endpoint meant_by(const sched::Endpoint& to) {
  if (!is_wildcard(to)) {
    return to;
  }
  return {to.family() == sched::Endpoint::Family::ipv4 ? "127.0.0.1" : "::1", to.port()};
}
// Whether a socket bound to `bound` gets what is sent to `to`.
inline bool takes(const sched::Endpoint& bound, const sched::Endpoint& to) {
  return bound.port() == to.port() && (is_wildcard(bound) || bound == to);
}
// Whether two sockets cannot both be bound.
inline bool clash(const sched::Endpoint& a, const sched::Endpoint& b) {
  return a.port() == b.port() && (is_wildcard(a) || is_wildcard(b) || a == b);
}

// The next port from `next` on for which `taken(port)` is false.
template <class Taken>
sched::Result<std::uint16_t> Network::ephemeral_port(std::uint16_t& next, Taken taken) const {
  const std::uint32_t first = options_.first_ephemeral_port;
  const std::uint32_t count = options_.last_ephemeral_port - first + 1U;
  for (std::uint32_t tried = 0; tried < count; ++tried) {
    const std::uint16_t port = next;
    next = static_cast<std::uint16_t>(first + (port - first + 1U) % count);
    if (!taken(port)) {
      return port;
    }
  }
  return std::errc::address_not_available;
}

}  // namespace rehearsal::simnet
