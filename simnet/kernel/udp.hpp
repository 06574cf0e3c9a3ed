// UDP sockets of simulated hosts, and the datagrams on their way to them.
#pragma once

#include <cstdint>
#include <list>
#include <optional>
#include <string>
#include <system_error>
#include <utility>

#include "sched/base/ring.hpp"
#include "sched/core/timers.hpp"
#include "sched/seam/endpoint.hpp"
#include "sched/seam/network.hpp"
#include "simnet/kernel/open_file.hpp"

namespace rehearsal::simnet {

struct Packet {
  sched::Endpoint from;
  sched::Message bytes;
  bool refusal = false;    // `from` has no socket for what was sent to it
  std::uint64_t key = 0;   // of this copy of it
  std::uint64_t sent = 0;  // number of the event that sent it, or what it refuses
};

class UdpSocket final : public OpenFile {
 public:
  UdpSocket(Kernel& kernel, SocketName name, const sched::Endpoint& at,
            const sched::BindOptions& options);

  // The address it is bound to, and the only peer that it hears. Both are IPv4 if an IPv6 socket
  // has an IPv4 peer.
  [[nodiscard]] const sched::Endpoint& local() const { return at_; }
  [[nodiscard]] const std::optional<sched::Endpoint>& peer() const { return peer_; }
  // Returns an address as this socket shows it: an IPv6 socket shows an IPv4 address mapped.
  [[nodiscard]] sched::Endpoint shown(const sched::Endpoint& at) const;
  [[nodiscard]] const std::string& name() const { return name_.text; }
  [[nodiscard]] std::uint64_t key() const { return name_.key; }
  [[nodiscard]] static bool ipv6_only() { return false; }
  [[nodiscard]] bool of_ipv6() const { return of_ipv6_; }
  [[nodiscard]] bool shares_port() const { return options_.reuse_port; }
  [[nodiscard]] bool empty() const { return queued_.empty(); }
  [[nodiscard]] sched::Readiness readiness() const;
  [[nodiscard]] std::size_t queued_bytes() const { return queued_bytes_; }
  // Queues a datagram; drops it if the receive buffer is full.
  void arrive(Packet datagram);
  // The calls of the sched::Network interface. A send of a datagram that is lost succeeds.
  sched::Result<> connect(const sched::Endpoint& peer);
  sched::Result<sched::Received> recv(sched::Bytes into);
  sched::Result<std::size_t> send_to(sched::ConstBytes bytes, const sched::Endpoint& to);
  sched::Result<std::size_t> send_to_peer(sched::ConstBytes bytes);
  // Returns the error with which the next call fails, and clears it.
  std::errc take_error() { return std::exchange(error_, std::errc{}); }
  // Called when the peer's host has no socket for what was sent: the next call fails.
  void refused();

  bool may_send = true;  // until its sending direction is shut down
 private:
  sched::Result<std::size_t> send(sched::ConstBytes bytes, const sched::Endpoint& to);
  // Puts one datagram on the link to `host`, where a choice may drop, delay or duplicate it.
  void transmit(Kernel& host, sched::ConstBytes bytes, const sched::Endpoint& to);
  Packet pop();

  std::uint32_t sends_ = 0;
  std::uint32_t receives_ = 0;
  sched::Endpoint at_;
  std::optional<sched::Endpoint> peer_;
  SocketName name_;
  std::errc error_{};
  bool of_ipv6_;
  sched::BindOptions options_;
  std::size_t queued_bytes_ = 0;
  sched::Ring<Packet> queued_;
};

// A datagram on its way to a kernel, which owns it. Or, in the opposite direction and without
// bytes, the notice that one was refused (RFC 1122, 4.1.3.3: ICMP port unreachable).
class Flight final : public sched::Timer {
 public:
  Flight(Kernel& kernel, const sched::Endpoint& to, Packet datagram)
      : to(to), datagram(std::move(datagram)), kernel_(kernel) {}

  std::list<Flight>::iterator self;
  sched::Endpoint to;
  Packet datagram;

 private:
  void fire() override;
  [[nodiscard]] std::uint64_t timer_key() const override { return datagram.key; }
  [[nodiscard]] std::string describe() const override;

  Kernel& kernel_;
};

// Delivers `datagram` at `host`, which has power, for its address `to`.
void deliver(Kernel& host, const sched::Endpoint& to, Packet datagram);

}  // namespace rehearsal::simnet
