// Which addresses are equivalent (ip(7), ipv6(7)).
#pragma once

#include "sched/seam/endpoint.hpp"

namespace rehearsal::simnet {

inline bool is_ipv6(const sched::Endpoint& at) {
  return at.family() == sched::Endpoint::Family::ipv6;
}
inline bool is_wildcard(const sched::Endpoint& at) {
  return at.bytes() == sched::Endpoint::Bytes{};
}
inline bool is_loopback(const sched::Endpoint& at) {
  constexpr sched::Endpoint::Bytes one = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1};
  return is_ipv6(at) ? at.bytes() == one : at.bytes()[0] == 127;
}
// Returns whether it is the broadcast address of all networks, or of one of the two that a host is
// on: 10.0.0.0/8, which connects the hosts of a world, and 127.0.0.0/8, the loopback network.
inline bool is_broadcast(const sched::Endpoint& at) {
  const auto& bytes = at.bytes();
  return !is_ipv6(at) && (bytes[0] == 255 || bytes[0] == 10 || bytes[0] == 127) &&
         bytes[1] == 255 && bytes[2] == 255 && bytes[3] == 255;
}
// Returns whether it is an address for hosts, whether or not a host has it.
inline bool is_of_simulated_network(const sched::Endpoint& at) {
  return at.family() == sched::Endpoint::Family::ipv4 && at.bytes()[0] == 10;
}
// Returns an IPv4 address as an IPv6 socket shows it (ipv6(7), "IPv4-mapped").
inline sched::Endpoint mapped(const sched::Endpoint& at) {
  const auto& four = at.bytes();
  return {sched::Endpoint::Family::ipv6,
          {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0xff, 0xff, four[0], four[1], four[2], four[3]},
          at.port()};
}
// Returns the destination of a packet to `to`: the loopback address if `to` is a wildcard.
inline sched::Endpoint meant_by(const sched::Endpoint& to) {
  if (!is_wildcard(to)) {
    return to;
  }
  return {to.family() == sched::Endpoint::Family::ipv4 ? "127.0.0.1" : "::1", to.port()};
}
// Returns whether the wildcard of a socket covers an address; an IPv6 wildcard may exclude IPv4.
inline bool covers(const sched::Endpoint& wildcard, bool ipv6_only, const sched::Endpoint& at) {
  return is_wildcard(wildcard) &&
         (is_ipv6(wildcard) == is_ipv6(at) || (is_ipv6(wildcard) && !ipv6_only));
}
// Returns whether a socket bound to `bound` receives what is sent to `to`.
inline bool takes(const sched::Endpoint& bound, bool ipv6_only, const sched::Endpoint& to) {
  return bound.port() == to.port() && (bound == to || covers(bound, ipv6_only, to));
}
// Returns whether two sockets cannot both be bound.
inline bool clash(const sched::Endpoint& a, bool a_ipv6_only, const sched::Endpoint& b,
                  bool b_ipv6_only) {
  return takes(a, a_ipv6_only, b) || takes(b, b_ipv6_only, a);
}

}  // namespace rehearsal::simnet
