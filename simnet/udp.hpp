// UDP sockets of simulated hosts, and the datagrams on their way to them.
#pragma once

#include <cstdint>
#include <list>
#include <string>

#include "sched/endpoint.hpp"
#include "sched/network.hpp"
#include "sched/ring.hpp"
#include "sched/timers.hpp"
#include "simnet/socket.hpp"

namespace rehearsal::simnet {

struct Datagram {
  sched::Endpoint from;
  sched::Message bytes;
};

class UdpSocket final : public Socket {
 public:
  UdpSocket(Network& network, const sched::Endpoint& at);

  [[nodiscard]] const sched::Endpoint& local() const { return at_; }
  // "server:udp/5353"
  [[nodiscard]] std::string name() const;
  [[nodiscard]] std::uint64_t key() const { return key_; }
  [[nodiscard]] static bool ipv6_only() { return false; }
  [[nodiscard]] bool empty() const { return queued_.empty(); }
  // Lost where the receive buffer is full.
  void arrive(Datagram datagram);
  // REQUIRES: !empty().
  Datagram pop();

  bool may_send = true;  // until its direction to send is shut down
  std::uint32_t sends = 0;
  std::uint32_t receives = 0;

 private:
  sched::Endpoint at_;
  std::uint64_t key_;
  std::size_t queued_bytes_ = 0;
  sched::Ring<Datagram> queued_;
};

// A datagram on its way to `network`, which owns it.
class Flight final : public sched::Timer {
 public:
  Flight(Network& network, const sched::Endpoint& to, Datagram datagram)
      : network_(network), to_(to), datagram_(std::move(datagram)) {}
  std::list<Flight>::iterator self;

 private:
  void fire() override;

  Network& network_;
  sched::Endpoint to_;
  Datagram datagram_;
};

}  // namespace rehearsal::simnet
