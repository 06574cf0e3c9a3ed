// IP packets as bytes: TCP segments and UDP datagrams over IPv4 and IPv6, with checksums.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "sched/seam/endpoint.hpp"

namespace rehearsal::harness {

struct TcpSegment {
  std::uint32_t sequence = 0;
  std::uint32_t acknowledgement = 0;
  bool syn = false;
  bool ack = false;
  bool fin = false;
  bool reset = false;
};

// The size of a packet with its headers is at most 65,535 bytes, so that of the data is at most
// this.
inline constexpr std::size_t most_packet_data = 60'000;

// The data of a packet, of which only the beginning may be known.
struct PacketData {
  std::string_view known;
  std::size_t size = 0;  // at least that of `known`, at most most_packet_data
};

// Returns the packet from one endpoint to another, without the data that is not known. A SYN offers
// the largest window. REQUIRES: both endpoints have the same address family, which is not that of
// Unix sockets.
[[nodiscard]] std::string tcp_packet(const sched::Endpoint& from, const sched::Endpoint& to,
                                     const TcpSegment& segment, PacketData data);
[[nodiscard]] std::string udp_packet(const sched::Endpoint& from, const sched::Endpoint& to,
                                     PacketData data);

}  // namespace rehearsal::harness
