// Datagrams: the calls of the sched::Network interface on the UDP sockets of one host, and the
// datagrams on their way to it. A call on a datagram socket of unix(7) is passed on.
#pragma once

#include <list>

#include "sched/seam/network.hpp"
#include "simnet/kernel/udp.hpp"

namespace rehearsal::simnet {

class Datagrams {
 public:
  explicit Datagrams(Kernel& kernel) : kernel_(kernel) {}

  sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                        const sched::BindOptions& options);
  sched::Result<> set_peer(sched::Descriptor descriptor, const sched::Endpoint& peer);
  sched::Result<sched::Received> recv_from(sched::Descriptor descriptor, sched::Bytes into);
  sched::Result<std::size_t> send_to(sched::Descriptor descriptor, sched::ConstBytes from,
                                     const sched::Endpoint& to);
  // Sends the pieces as one datagram.
  sched::Result<std::size_t> send(UdpSocket& socket, sched::Pieces pieces);

  // A datagram, or the notice that one was refused, is on its way to this host; it arrives.
  void expect(const sched::Endpoint& to, Packet datagram, sched::Instant at);
  void land(Flight& flight);
  // The host has lost its power: what is on its way is lost.
  void power_off() { flights_.clear(); }

 private:
  Kernel& kernel_;
  std::list<Flight> flights_;
};

}  // namespace rehearsal::simnet
