#include "simnet/kernel/ports.hpp"

#include <algorithm>
#include <span>
#include <utility>

#include "sched/base/draw.hpp"
#include "sched/base/hash.hpp"
#include "simnet/kernel/addresses.hpp"

namespace rehearsal::simnet {

using sched::Endpoint;
using sched::Result;

namespace {

// Returns how well a socket matches what is sent to `to`; 0 means not at all. The exact address
// goes before a wildcard, and of two wildcards the one of the same family goes first.
template <class S>
unsigned fit(const S& socket, const Endpoint& to) {
  if (!takes(socket.local(), socket.ipv6_only(), to)) {
    return 0;
  }
  return 1U + (is_ipv6(socket.local()) == is_ipv6(to) ? 1U : 0U) +
         (is_wildcard(socket.local()) ? 0U : 2U);
}

// Selects one of the best-matching sockets, which share the port, by a hash (SO_REUSEPORT of
// socket(7)). They are counted in the order in which they were bound.
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

template <class Taken>
Result<std::uint16_t> Ports::pick(std::uint16_t& next, Taken taken) const {
  const std::uint32_t count = last_ - first_ + 1U;
  for (std::uint32_t tried = 0; tried < count; ++tried) {
    const std::uint16_t port = next;
    next = static_cast<std::uint16_t>(first_ + (port - first_ + 1U) % count);
    if (!taken(port)) {
      return port;
    }
  }
  return std::errc::address_not_available;
}

Result<Endpoint> Ports::place(const Endpoint& at, const sched::ListenOptions& options,
                              const std::function<bool(const Endpoint& here)>& is_clients) {
  const auto used = [&](const Endpoint& here) {
    return std::ranges::any_of(listeners_, [&](const auto& one) {
      return clash(one.second->local(), one.second->ipv6_only(), here, options.ipv6_only) &&
             !(options.reuse_port && one.second->shares_port());
    });
  };
  if (at.port() != 0) {
    return used(at) || is_clients(at) ? Result<Endpoint>(std::errc::address_in_use) : at;
  }
  const auto port = pick(next_tcp_, [&](std::uint16_t candidate) {
    return clients_.contains(candidate) || used(at.with_port(candidate));
  });
  return port.ok() ? at.with_port(port.value()) : Result<Endpoint>(std::errc::address_in_use);
}

Result<Endpoint> Ports::place(const Endpoint& at, const sched::BindOptions& options) {
  const auto used = [&](const Endpoint& here) {
    return std::ranges::any_of(datagrams_, [&](const auto& one) {
      return clash(one.second->local(), UdpSocket::ipv6_only(), here, false) &&
             !(options.reuse_port && one.second->shares_port());
    });
  };
  if (at.port() != 0) {
    return used(at) ? Result<Endpoint>(std::errc::address_in_use) : at;
  }
  const auto port =
      pick(next_udp_, [&](std::uint16_t candidate) { return used(at.with_port(candidate)); });
  return port.ok() ? at.with_port(port.value()) : Result<Endpoint>(std::errc::address_in_use);
}

TcpListener& Ports::add(std::unique_ptr<TcpListener> listener) {
  const std::uint16_t port = listener->local().port();
  return *listeners_.emplace(port, std::move(listener))->second;
}
UdpSocket& Ports::add(std::unique_ptr<UdpSocket> socket) {
  const std::uint16_t port = socket->local().port();
  return *datagrams_.emplace(port, std::move(socket))->second;
}
void Ports::remove(const TcpListener& listener) {
  std::erase_if(listeners_, [&](const auto& one) { return one.second.get() == &listener; });
}
void Ports::remove(const UdpSocket& socket) {
  std::erase_if(datagrams_, [&](const auto& one) { return one.second.get() == &socket; });
}

Result<std::uint16_t> Ports::take_for_client() {
  const auto port = pick(next_tcp_, [&](std::uint16_t candidate) {
    return clients_.contains(candidate) || listeners_.contains(candidate);
  });
  if (port.ok()) {
    clients_.insert(port.value());
  }
  return port;
}

bool Ports::listens() const {
  return std::ranges::any_of(listeners_, [](const auto& one) { return one.second->listening(); });
}

TcpListener* Ports::listener_at(const Endpoint& to, std::uint64_t key) const {
  return best_for(listeners_, to.port(), key, [&to](const TcpListener& listener) {
    return listener.listening() ? fit(listener, to) : 0;
  });
}
UdpSocket* Ports::datagrams_at(const Endpoint& to, const Endpoint& from) const {
  return best_for(datagrams_, to.port(), hash_of(from), [&](const UdpSocket& socket) {
    // A socket that is connected to the sender goes before all others.
    const unsigned how = fit(socket, to);
    const unsigned of_peer = socket.peer() == from ? 4U : 0U;
    return how == 0 || (socket.peer().has_value() && of_peer == 0) ? 0 : how + of_peer;
  });
}

}  // namespace rehearsal::simnet
