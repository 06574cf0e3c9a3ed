#include "simnet/ports.hpp"

#include "simnet/network.hpp"

namespace rehearsal::simnet {

using sched::Endpoint;
using sched::Result;

namespace {

template <class Sockets>
auto* best_for(const Sockets& sockets, const Endpoint& to) {
  typename Sockets::mapped_type::pointer found = nullptr;
  const auto [first, last] = sockets.equal_range(to.port());
  for (auto at = first; at != last; ++at) {
    // One that is bound to the very address goes before a wildcard.
    if (takes(at->second->local(), at->second->ipv6_only(), to) &&
        (found == nullptr || !is_wildcard(at->second->local()))) {
      found = at->second.get();
    }
  }
  return found;
}

}  // namespace

TcpListener* Network::listener_at(const Endpoint& to) const { return best_for(listeners_, to); }
UdpSocket* Network::datagrams_at(const Endpoint& to) const {
  return best_for(datagram_sockets_, to);
}

// The host at an address as this one sees it; null where there is none.
Network* Network::host_at(const Endpoint& to) {
  return is_loopback(to) || is_wildcard(to) ? this : fabric_.route(to);
}

// The address of this host that what it sends to `to` comes from, where no other was bound. Every
// loopback address is reached from the first (ip-route(8), table local).
Endpoint Network::source_for(const Endpoint& to) const {
  if (!is_loopback(to)) {
    return address_;
  }
  return {to.family() == Endpoint::Family::ipv4 ? "127.0.0.1" : "::1", 0};
}

Result<> Network::check_address(const Endpoint& at) const {
  if (is_wildcard(at) || is_loopback(at) || at.with_port(0) == address_) {
    return {};
  }
  return std::errc::address_not_available;
}

// Whether an open connection was made from this address.
bool Network::is_clients(const Endpoint& at, bool ipv6_only) const {
  if (!connecting_ports_.contains(at.port())) {
    return false;
  }
  bool found = false;
  descriptors_.for_each([&](const Socket& socket) {
    if (socket.kind() == Socket::Kind::stream) {
      const auto& end = static_cast<const TcpEnd&>(socket);
      found = found || (takes(at, ipv6_only, end.local()) && end.state() != TcpEnd::State::closed);
    }
  });
  return found;
}

}  // namespace rehearsal::simnet
