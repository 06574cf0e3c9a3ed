#include "simnet/kernel/ports.hpp"

#include <span>

#include "sched/base/draw.hpp"
#include "sched/base/hash.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

using sched::Endpoint;
using sched::Result;

namespace {

// How well a socket fits what is sent to `to`, 0 where not at all: the very address goes before a
// wildcard, and of two wildcards the one of its own family.
template <class S>
unsigned fit(const S& socket, const Endpoint& to) {
  if (!takes(socket.local(), socket.ipv6_only(), to)) {
    return 0;
  }
  return 1U + (is_ipv6(socket.local()) == is_ipv6(to) ? 1U : 0U) +
         (is_wildcard(socket.local()) ? 0U : 2U);
}

// Of the sockets that fit best, which share the port, the hash says which (SO_REUSEPORT of
// socket(7)), counted in the order in which they were bound.
template <class Sockets, class Fit>
auto* best_for(const Sockets& sockets, std::uint16_t port, std::uint64_t hash, Fit fits) {
  typename Sockets::mapped_type::pointer found = nullptr;
  unsigned best = 0;
  std::uint64_t count = 0;
  const auto [first, last] = sockets.equal_range(port);
  for (auto at = first; at != last; ++at) {
    const unsigned how = fits(*at->second);
    if (how > best) {
      best = how;
      count = 0;
    }
    count += how == best && how != 0 ? 1 : 0;
  }
  std::uint64_t chosen = count <= 1 ? 0 : mix(hash) % count;
  for (auto at = first; at != last && found == nullptr; ++at) {
    if (best != 0 && fits(*at->second) == best && chosen-- == 0) {
      found = at->second.get();
    }
  }
  return found;
}

std::uint64_t hash_of(const Endpoint& at) {
  const auto bytes = std::as_bytes(std::span(at.bytes()));
  return sched::hash_bytes(bytes) ^ at.port();
}

}  // namespace

TcpListener* Kernel::listener_at(const Endpoint& to, std::uint64_t key) const {
  return best_for(listeners_, to.port(), key,
                  [&to](const TcpListener& listener) { return fit(listener, to); });
}
UdpSocket* Kernel::datagrams_at(const Endpoint& to, const Endpoint& from) const {
  return best_for(datagram_sockets_, to.port(), hash_of(from), [&](const UdpSocket& socket) {
    // One whose peer it is goes before all others.
    const unsigned how = fit(socket, to);
    const unsigned of_peer = socket.peer() == from ? 4U : 0U;
    return how == 0 || (socket.peer().has_value() && of_peer == 0) ? 0 : how + of_peer;
  });
}

// The host at an address as this one sees it; null where there is none.
Kernel* Kernel::host_at(const Endpoint& to) {
  return is_loopback(to) || is_wildcard(to) ? this : fabric_.route(to);
}

// The address of this host that what it sends to `to` comes from, where no other was bound. Every
// loopback address is reached from the first (ip-route(8), table local).
Endpoint Kernel::source_for(const Endpoint& to) const {
  if (!is_loopback(to)) {
    return address_;
  }
  return {to.family() == Endpoint::Family::ipv4 ? "127.0.0.1" : "::1", 0};
}

Result<> Kernel::check_address(const Endpoint& at) const {
  if (is_wildcard(at) || is_loopback(at) || at.with_port(0) == address_) {
    return {};
  }
  return std::errc::address_not_available;
}

// Whether an open connection was made from this address.
bool Kernel::is_clients(const Endpoint& at, bool ipv6_only) const {
  if (!connecting_ports_.contains(at.port())) {
    return false;
  }
  bool found = false;
  descriptors_.for_each([&](const OpenFile& socket) {
    if (socket.kind() == OpenFile::Kind::stream) {
      const auto& end = static_cast<const TcpEnd&>(socket);
      found = found || (takes(at, ipv6_only, end.local()) && end.state() != TcpEnd::State::closed);
    }
  });
  return found;
}

}  // namespace rehearsal::simnet
