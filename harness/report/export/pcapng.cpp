#include "harness/report/export/pcapng.hpp"

#include <algorithm>
#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "harness/number_text.hpp"
#include "harness/report/export/packets.hpp"
#include "harness/report/page/deliveries.hpp"
#include "sched/seam/endpoint.hpp"
#include "simnet/kernel/tcp_timing.hpp"
#include "simnet/trace/event_names.hpp"

namespace rehearsal::harness {
namespace {

using sched::Endpoint;
using simnet::NumberedEvent;
using simnet::Op;
using simnet::opposite_end;

// ---- The file format. Numbers are little-endian. ----

void put_little16(std::string& to, unsigned value) {
  to += static_cast<char>(value & 0xffU);
  to += static_cast<char>(value >> 8U & 0xffU);
}
void put_little32(std::string& to, std::uint32_t value) {
  put_little16(to, value);
  put_little16(to, value >> 16U);
}
void pad(std::string& to) { to.resize((to.size() + 3) / 4 * 4); }

void put_option(std::string& to, unsigned code, std::string_view value) {
  constexpr std::size_t most = 1'000;  // bytes
  value = value.substr(0, most);
  put_little16(to, code);
  put_little16(to, static_cast<unsigned>(value.size()));
  to += value;
  pad(to);
}

std::string block(std::uint32_t type, std::string body) {
  constexpr std::size_t frame = 12;
  pad(body);
  std::string text;
  put_little32(text, type);
  put_little32(text, static_cast<std::uint32_t>(body.size() + frame));
  text += body;
  put_little32(text, static_cast<std::uint32_t>(body.size() + frame));
  return text;
}

std::string section() {
  std::string body;
  put_little32(body, 0x1a2b3c4d);
  put_little16(body, 1);
  put_little16(body, 0);
  put_little32(body, 0xffffffff);  // the length of the section is not given
  put_little32(body, 0xffffffff);
  return block(0x0a0d0d0a, std::move(body));
}

std::string interface(const std::string& name) {
  constexpr unsigned raw_ip = 101;
  std::string body;
  put_little16(body, raw_ip);
  put_little16(body, 0);
  put_little32(body, 0);  // packets are whole
  put_option(body, 2, name);
  put_option(body, 9, "\x09");  // times in nanoseconds
  put_little32(body, 0);
  return block(1, std::move(body));
}

struct Packet {
  sched::Instant at{};
  std::uint64_t event = 0;  // number of the event that sent it, which orders packets of one instant
  std::size_t host = 0;
  std::string bytes;
  std::size_t missing = 0;  // bytes at its end that are not known
  std::string comment;
};

std::string packet_block(const Packet& packet) {
  const auto ns = static_cast<std::uint64_t>(packet.at.time_since_epoch().count());
  std::string body;
  put_little32(body, static_cast<std::uint32_t>(packet.host));
  put_little32(body, static_cast<std::uint32_t>(ns >> 32U));
  put_little32(body, static_cast<std::uint32_t>(ns));
  put_little32(body, static_cast<std::uint32_t>(packet.bytes.size()));
  put_little32(body, static_cast<std::uint32_t>(packet.bytes.size() + packet.missing));
  body += packet.bytes;
  pad(body);
  put_option(body, 1, packet.comment);
  put_little32(body, 0);
  return block(6, std::move(body));
}

// ---- The packets of a run ----

class Capture {
 public:
  explicit Capture(const ShownRun& run) : run_(run), hosts_(run.hosts) {}

  std::string file();

 private:
  // One end of a connection. It has sent bytes and maybe its end, and has received some.
  struct End {
    std::size_t host = 0;
    Endpoint at;
    std::uint64_t connected_by = 0;  // number of the event that began it: connect or accept
    std::uint64_t established = 0;   // number of the event by which it is known to be
    std::uint32_t received = 0;      // what it acknowledges: bytes, and the end of the stream
    std::uint32_t sent = 0;
    bool ended = false;
  };
  static constexpr std::uint32_t first = 1'000;  // sequence number of each SYN

  std::size_t host_number(const std::string& name);
  [[nodiscard]] Endpoint address_of(std::size_t host) const;
  [[nodiscard]] std::size_t host_of(const Endpoint& at) const;
  void learn(const NumberedEvent& one);
  void find_ends();
  void handshake(const NumberedEvent& connects);
  void datagram(const NumberedEvent& one);
  void walk();
  void send(const NumberedEvent& one);
  void end(const NumberedEvent& one, const Delivery& delivery);
  void arrive(const NumberedEvent& one, const Delivery& delivery);
  void add_segment(const NumberedEvent& by, const End& from, const End& to, TcpSegment segment,
                   const simnet::TraceEvent* data, std::string what);
  [[nodiscard]] const NumberedEvent& event(std::uint64_t number) const {
    return *run_.history->find(number);
  }

  const ShownRun& run_;
  std::vector<std::string> hosts_;
  std::map<std::size_t, Endpoint> addresses_;                      // of hosts, without a port
  std::map<std::pair<std::size_t, std::string>, Endpoint> bound_;  // UDP, by host and socket
  std::map<std::string, End> ends_;
  std::map<std::uint64_t, std::vector<Delivery>> arrivals_;  // by the event that received
  std::map<std::uint64_t, std::vector<Delivery>> endings_;   // by the event that sent
  std::map<std::uint64_t, Delivery> sent_;                   // data, by the event that sent it
  std::vector<Packet> packets_;
};

std::size_t Capture::host_number(const std::string& name) {
  const auto found = std::ranges::find(hosts_, name);
  const auto number = static_cast<std::size_t>(found - hosts_.begin());
  if (found == hosts_.end()) {
    hosts_.push_back(name);
  }
  return number;
}

// A host whose address no event has: the one that it has in a world by default.
Endpoint Capture::address_of(std::size_t host) const {
  const auto found = addresses_.find(host);
  return found != addresses_.end() ? found->second
                                   : Endpoint(fmt::format("10.{}.{}.{}", host >> 16U,
                                                          host >> 8U & 0xffU, (host & 0xffU) + 1),
                                              0);
}

// Returns the host that has an address, or the first one if none is known to have it.
std::size_t Capture::host_of(const Endpoint& at) const {
  for (std::size_t host = 0; host < hosts_.size(); ++host) {
    if (address_of(host) == at.with_port(0)) {
      return host;
    }
  }
  return 0;
}

// A connection has the addresses of both its hosts: each end names the other one.
void Capture::learn(const NumberedEvent& one) {
  const std::optional<Endpoint> address = Endpoint::parse(one.event.address);
  if (!address || address->is_unix() || !one.event.error.empty()) {
    return;
  }
  const std::size_t host = host_number(one.event.host);
  if (one.event.op == Op::bind) {
    bound_[{host, fmt::format("fd {}", one.event.result.value_or(0))}] = *address;
  } else if (one.event.op == Op::connect || one.event.op == Op::accept) {
    End& end = ends_[one.event.handle];
    end.host = host;
    end.connected_by = one.number;
    End& peer = ends_[opposite_end(one.event.handle)];
    peer.at = *address;
  }
}

void Capture::find_ends() {
  for (const NumberedEvent& one : *run_.history) {
    host_number(one.event.host);
    learn(one);
    if (one.event.op == Op::connected && one.event.error.empty()) {
      if (const auto found = ends_.find(one.event.handle); found != ends_.end()) {
        found->second.established = one.number;
      }
    }
  }
  for (const auto& [name, end] : ends_) {
    if (end.connected_by != 0 && end.at != Endpoint()) {
      addresses_.try_emplace(end.host, end.at.with_port(0));
    }
  }
  // If nobody accepted it, the client's address and the server's host are not known.
  std::uint16_t port = 1;
  for (auto& [name, end] : ends_) {
    if (end.connected_by == 0) {
      end.host = host_of(end.at);
    } else if (end.at == Endpoint()) {
      end.at = address_of(end.host).with_port(port++);
    }
  }
}

// `data` is the event whose data is sent, or null. Of a send of more than 16 MiB the first packets
// are shown.
void Capture::add_segment(const NumberedEvent& by, const End& from, const End& to,
                          TcpSegment segment, const simnet::TraceEvent* data, std::string what) {
  if (from.at.family() != to.at.family()) {
    return;
  }
  constexpr std::uint64_t most = std::uint64_t{16} << 20U;
  const std::uint64_t size = data == nullptr ? 0 : std::min(data->result.value_or(0), most);
  const std::string_view known = data == nullptr ? std::string_view() : data->bytes;
  std::size_t begin = 0;
  do {
    PacketData part;
    part.size = std::min<std::size_t>(size - begin, most_packet_data);
    part.known = known.substr(std::min(begin, known.size()), part.size);
    TcpSegment one = segment;
    one.sequence += static_cast<std::uint32_t>(begin);
    packets_.push_back({by.event.t, by.number, from.host, tcp_packet(from.at, to.at, one, part),
                        part.size - part.known.size(), what});
    begin += part.size;
  } while (begin < size);
}

std::string who(const NumberedEvent& one) {
  return one.event.task + (one.frames.empty() ? "" : " at " + one.frames);
}

// The answer to the SYN is sent half-way between connect() and its result.
// The answer to the SYN is sent half-way between connect() and its result.
void Capture::handshake(const NumberedEvent& connects) {
  const End& client = ends_[connects.event.handle];
  const End& server = ends_[opposite_end(connects.event.handle)];
  add_segment(connects, client, server, {.sequence = first, .syn = true}, nullptr, who(connects));
  if (client.established == 0) {
    return;
  }
  const NumberedEvent& knows = event(client.established);
  NumberedEvent answers = connects;
  answers.event.t += (knows.event.t - connects.event.t) / 2;
  add_segment(answers, server, client,
              {.sequence = first, .acknowledgement = first + 1, .syn = true, .ack = true}, nullptr,
              "the kernel of " + hosts_[server.host]);
  add_segment(knows, client, server,
              {.sequence = first + 1, .acknowledgement = first + 1, .ack = true}, nullptr,
              "the kernel of " + hosts_[client.host]);
}

void Capture::send(const NumberedEvent& one) {
  const auto found = ends_.find(one.event.handle);
  const auto delivery = sent_.find(one.number);
  if (found == ends_.end() || delivery == sent_.end()) {
    return;
  }
  End& from = found->second;
  const End& to = ends_[opposite_end(one.event.handle)];
  const TcpSegment segment{
      .sequence = first + 1 + static_cast<std::uint32_t>(delivery->second.begin),
      .acknowledgement = first + 1 + from.received,
      .ack = true};
  from.sent += static_cast<std::uint32_t>(one.event.result.value_or(0));
  const std::uint64_t receiver = delivery->second.to;
  const std::string when =
      receiver == 0 ? "; never received"
                    : "; received at " + exact(event(receiver).event.t.time_since_epoch());
  add_segment(one, from, to, segment, &one.event, who(one) + when);
  // A lost segment is sent again after a time that doubles.
  const auto lost = run_.lost.find(one.number);
  const std::uint32_t times = lost == run_.lost.end() ? 0 : lost->second;
  for (std::uint32_t i = 1; i <= times; ++i) {
    NumberedEvent again = one;
    again.event.t += simnet::first_retransmission * ((std::int64_t{1} << i) - 1);
    add_segment(again, from, to, segment, &one.event,
                "retransmission of what " + who(one) + " sent");
  }
}

// A stream ends, or a connection is reset, at an event of its sender.
void Capture::end(const NumberedEvent& one, const Delivery& delivery) {
  const std::string& receiver = event(delivery.to).event.handle;
  End& from = ends_[opposite_end(receiver)];
  const bool resets = delivery.kind == DeliveryKind::reset;
  const TcpSegment last{.sequence = first + 1 + static_cast<std::uint32_t>(delivery.begin),
                        .acknowledgement = first + 1 + from.received,
                        .ack = true,
                        .fin = !resets,
                        .reset = resets};
  add_segment(one, from, ends_[receiver], last, nullptr,
              one.event.task.empty() ? "the kernel of " + one.event.host : who(one));
  from.ended = !resets;
}

// What arrives is acknowledged at once.
void Capture::arrive(const NumberedEvent& one, const Delivery& delivery) {
  const auto found = ends_.find(one.event.handle);
  if (found == ends_.end()) {
    return;
  }
  End& here = found->second;
  if (delivery.kind == DeliveryKind::data) {
    here.received =
        std::max(here.received, static_cast<std::uint32_t>(delivery.begin + delivery.bytes));
  } else if (delivery.kind == DeliveryKind::fin) {
    ++here.received;
  } else {
    return;
  }
  const TcpSegment ack{.sequence = first + 1 + here.sent + (here.ended ? 1U : 0U),
                       .acknowledgement = first + 1 + here.received,
                       .ack = true};
  add_segment(one, here, ends_[opposite_end(one.event.handle)], ack, nullptr,
              "the kernel of " + hosts_[here.host]);
}

void Capture::datagram(const NumberedEvent& one) {
  const std::size_t host = host_number(one.event.host);
  const std::optional<Endpoint> to = Endpoint::parse(one.event.address);
  const auto bound = bound_.find({host, one.event.handle});
  if (!to || to->is_unix() || bound == bound_.end() || !one.event.result) {
    return;
  }
  const Endpoint own = bound->second;
  const bool is_wildcard = own.address() == "0.0.0.0" || own.address() == "::";
  const Endpoint from = is_wildcard ? address_of(host).with_port(own.port()) : own;
  PacketData data;
  data.size = *one.event.result;
  if (from.family() != to->family() || data.size > most_packet_data) {
    return;
  }
  data.known = std::string_view(one.event.bytes).substr(0, data.size);
  packets_.push_back({one.event.t, one.number, host, udp_packet(from, *to, data),
                      data.size - data.known.size(), who(one)});
}

void Capture::walk() {
  for (const Delivery& one : deliveries_of(*run_.history)) {
    if (one.kind == DeliveryKind::data) {
      sent_.emplace(one.from, one);
    }
    if (one.to != 0) {
      arrivals_[one.to].push_back(one);
    }
    if (one.kind == DeliveryKind::fin || one.kind == DeliveryKind::reset) {
      endings_[one.from].push_back(one);
    }
  }
  for (const NumberedEvent& one : *run_.history) {
    if (one.event.op == Op::send) {
      send(one);
    } else if (one.event.op == Op::send_to) {
      datagram(one);
    } else if (one.event.op == Op::connect && one.event.error.empty()) {
      const auto client = ends_.find(one.event.handle);
      if (client != ends_.end() && client->second.connected_by == one.number) {
        handshake(one);
      }
    }
    for (const Delivery& delivery : endings_[one.number]) {
      end(one, delivery);
    }
    for (const Delivery& delivery : arrivals_[one.number]) {
      arrive(one, delivery);
    }
  }
}

std::string Capture::file() {
  find_ends();
  walk();
  std::ranges::sort(packets_, {}, [](const Packet& one) { return std::pair(one.at, one.event); });
  std::string text = section();
  for (const std::string& host : hosts_) {
    text += interface(host);
  }
  std::string names;
  for (std::size_t host = 0; host < hosts_.size(); ++host) {
    const Endpoint at = address_of(host);
    const bool is_ipv6 = at.family() == Endpoint::Family::ipv6;
    std::string record(at.bytes().begin(), at.bytes().begin() + (is_ipv6 ? 16 : 4));
    record += hosts_[host] + '\0';
    put_option(names, is_ipv6 ? 2 : 1, record);
  }
  put_little32(names, 0);
  text += block(4, std::move(names));
  for (const Packet& packet : packets_) {
    text += packet_block(packet);
  }
  return text;
}

}  // namespace

std::string pcapng(const ShownRun& run) { return Capture(run).file(); }

}  // namespace rehearsal::harness
