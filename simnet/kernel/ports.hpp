// Ports: owns the listeners and UDP sockets of one host by the port that each is bound to, and
// knows which ports are free (bind(2), ip(7)).
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>

#include "sched/seam/endpoint.hpp"
#include "sched/seam/network.hpp"
#include "simnet/kernel/addresses.hpp"
#include "simnet/kernel/port_set.hpp"
#include "simnet/kernel/tcp_listener.hpp"
#include "simnet/kernel/udp.hpp"

namespace rehearsal::simnet {

class Ports {
 public:
  // Creates the ports of a host. Ephemeral ports are `first` to `last` in this order, then again
  // from `first`.
  Ports(std::uint16_t first, std::uint16_t last)
      : first_(first), last_(last), next_tcp_(first), next_udp_(first), clients_(first) {}

  // Returns the address of a listener or UDP socket that asks for `at`: `at` itself, or an address
  // with a free port if its port is 0. Fails with address_in_use if it is taken or no port is free.
  // `is_clients` returns whether an open connection was made from an address.
  [[nodiscard]] sched::Result<sched::Endpoint> place(
      const sched::Endpoint& at, const sched::ListenOptions& options,
      const std::function<bool(const sched::Endpoint& here)>& is_clients);
  [[nodiscard]] sched::Result<sched::Endpoint> place(const sched::Endpoint& at,
                                                     const sched::BindOptions& options);
  TcpListener& add(std::unique_ptr<TcpListener> listener);
  UdpSocket& add(std::unique_ptr<UdpSocket> socket);
  void remove(const TcpListener& listener);
  void remove(const UdpSocket& socket);

  // Takes a port for a connection that this host makes. Fails with address_not_available if
  // none is free.
  sched::Result<std::uint16_t> take_for_client();
  // Takes the port of a bound socket that connects.
  void take_for_client(std::uint16_t port) { clients_.insert(port); }
  void give_back(std::uint16_t port) { clients_.erase(port); }
  // Returns whether a connection that this host made has the port.
  [[nodiscard]] bool is_clients(std::uint16_t port) const { return clients_.contains(port); }

  // Returns the listener or UDP socket that receives what is sent to `to`, or null if there is
  // none. If several share the port, `key` of the connection or `from` of the datagram selects one.
  [[nodiscard]] TcpListener* listener_at(const sched::Endpoint& to, std::uint64_t key) const;
  [[nodiscard]] UdpSocket* datagrams_at(const sched::Endpoint& to,
                                        const sched::Endpoint& from) const;
  // Calls f(UdpSocket&) for each socket that receives a broadcast to `to`, in order of binding.
  template <class F>
  void for_each_hearing(const sched::Endpoint& to, const sched::Endpoint& from, F&& f) const {
    const auto [begin, end] = datagrams_.equal_range(to.port());
    for (auto one = begin; one != end; ++one) {
      UdpSocket& socket = *one->second;
      if (takes(socket.local(), UdpSocket::ipv6_only(), to) &&
          (!socket.peer() || socket.peer() == from)) {
        f(socket);
      }
    }
  }
  [[nodiscard]] bool listens() const;

 private:
  // Returns the next port from `next` on for which `taken(port)` is false.
  template <class Taken>
  sched::Result<std::uint16_t> pick(std::uint16_t& next, Taken taken) const;

  std::uint16_t first_;
  std::uint16_t last_;
  std::uint16_t next_tcp_;
  std::uint16_t next_udp_;
  PortSet clients_;
  std::multimap<std::uint16_t, std::unique_ptr<TcpListener>> listeners_;
  std::multimap<std::uint16_t, std::unique_ptr<UdpSocket>> datagrams_;
};

}  // namespace rehearsal::simnet
