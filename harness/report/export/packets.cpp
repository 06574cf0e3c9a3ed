#include "harness/report/export/packets.hpp"

#include <cstddef>
#include <utility>

#include "sched/base/check.hpp"

namespace rehearsal::harness {
namespace {

constexpr std::uint8_t tcp = 6;
constexpr std::uint8_t udp = 17;

void put8(std::string& to, unsigned value) { to += static_cast<char>(value & 0xffU); }
void put16(std::string& to, unsigned value) {
  put8(to, value >> 8U);
  put8(to, value);
}
void put32(std::string& to, std::uint32_t value) {
  put16(to, value >> 16U);
  put16(to, value);
}
void set16(std::string& in, std::size_t at, unsigned value) {
  in[at] = static_cast<char>(value >> 8U & 0xffU);
  in[at + 1] = static_cast<char>(value & 0xffU);
}

bool is_ipv6(const sched::Endpoint& at) { return at.family() == sched::Endpoint::Family::ipv6; }

std::string address(const sched::Endpoint& at) {
  const std::size_t size = is_ipv6(at) ? 16 : 4;
  return {at.bytes().begin(), at.bytes().begin() + static_cast<std::ptrdiff_t>(size)};
}

// Returns the Internet checksum (RFC 1071).
unsigned checksum(std::string_view bytes) {
  std::uint64_t sum = 0;
  for (std::size_t i = 0; i < bytes.size(); i += 2) {
    const auto high = static_cast<unsigned char>(bytes[i]);
    const auto low = i + 1 < bytes.size() ? static_cast<unsigned char>(bytes[i + 1]) : 0U;
    sum += static_cast<unsigned>(high) << 8U | low;
  }
  while (sum >> 16U != 0) {
    sum = (sum & 0xffffU) + (sum >> 16U);
  }
  return static_cast<unsigned>(~sum & 0xffffU);
}

// Sets the checksum at `place` of a TCP segment or UDP datagram, of which the last `missing` bytes
// are not known, and puts the IP header before it. The checksum is that of zeros in their place.
std::string with_ip(const sched::Endpoint& from, const sched::Endpoint& to, std::uint8_t protocol,
                    std::string content, std::size_t place, std::size_t missing) {
  sched::check(from.family() == to.family(), "a packet has one address family");
  std::string pseudo = address(from) + address(to);
  put32(pseudo, protocol);
  put32(pseudo, static_cast<std::uint32_t>(content.size() + missing));
  set16(content, place, checksum(pseudo + content));
  std::string packet;
  constexpr unsigned hops = 64;
  if (is_ipv6(from)) {
    put32(packet, 6U << 28U);
    put16(packet, static_cast<unsigned>(content.size() + missing));
    put8(packet, protocol);
    put8(packet, hops);
    packet += address(from) + address(to);
  } else {
    constexpr unsigned size = 20;
    put16(packet, 0x4500);
    put16(packet, static_cast<unsigned>(size + content.size() + missing));
    put32(packet, 0x4000);  // no identification; it must not be fragmented
    put8(packet, hops);
    put8(packet, protocol);
    put16(packet, 0);
    packet += address(from) + address(to);
    set16(packet, 10, checksum(packet));
  }
  return packet + content;
}

}  // namespace

std::string tcp_packet(const sched::Endpoint& from, const sched::Endpoint& to,
                       const TcpSegment& segment, PacketData data) {
  sched::check(data.known.size() <= data.size && data.size <= most_packet_data,
               "the data fits one packet");
  std::string content;
  put16(content, from.port());
  put16(content, to.port());
  put32(content, segment.sequence);
  put32(content, segment.ack ? segment.acknowledgement : 0);
  const unsigned words = segment.syn ? 6 : 5;  // of the header
  put8(content, words << 4U);
  put8(content, (segment.fin ? 1U : 0U) | (segment.syn ? 2U : 0U) | (segment.reset ? 4U : 0U) |
                    (segment.ack ? 16U : 0U));
  put16(content, 0xffff);
  put32(content, 0);  // checksum, urgent pointer
  if (segment.syn) {
    put32(content, 0x0103030e);  // no operation; window scale: 14
  }
  content += data.known;
  constexpr std::size_t place = 16;
  return with_ip(from, to, tcp, std::move(content), place, data.size - data.known.size());
}

std::string udp_packet(const sched::Endpoint& from, const sched::Endpoint& to, PacketData data) {
  sched::check(data.known.size() <= data.size && data.size <= most_packet_data,
               "the data fits one packet");
  std::string content;
  constexpr std::size_t size = 8;
  put16(content, from.port());
  put16(content, to.port());
  put16(content, static_cast<unsigned>(size + data.size));
  put16(content, 0);
  content += data.known;
  constexpr std::size_t place = 6;
  return with_ip(from, to, udp, std::move(content), place, data.size - data.known.size());
}

}  // namespace rehearsal::harness
