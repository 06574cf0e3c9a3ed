#include "simnet/kernel/udp.hpp"

#include <algorithm>
#include <cstring>
#include <utility>

#include "sched/base/draw.hpp"
#include "simnet/kernel/addresses.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

using sched::Endpoint;
using sched::Readiness;
using sched::Result;

namespace {

// Returns 65,535 bytes minus the header of UDP and, for IPv4, of IP (RFC 768, RFC 8200).
std::size_t largest_datagram(const Endpoint& to) { return is_ipv6(to) ? 65527 : 65507; }

// Notifies the sender of `datagram` that no socket of `host` has the port of `to`.
void refuse(Kernel& host, const Endpoint& to, const Packet& datagram) {
  Kernel* sender = host.host_at(datagram.from);
  if (sender == nullptr) {
    return;
  }
  const Link& link = host.fabric().link(host.number(), sender->number());
  if (link.open()) {
    sender->datagrams().expect(datagram.from, {to, {}, true, mix(datagram.key), datagram.sent},
                               host.at() + link.options().latency);
  }
}

}  // namespace

UdpSocket::UdpSocket(Kernel& kernel, SocketName name, const sched::Endpoint& at,
                     const sched::BindOptions& options)
    : OpenFile(Kind::datagram, kernel),
      at_(at),
      name_(std::move(name)),
      of_ipv6_(is_ipv6(at)),
      options_(options) {}

sched::Endpoint UdpSocket::shown(const sched::Endpoint& at) const {
  return of_ipv6_ && !is_ipv6(at) ? mapped(at) : at;
}

Readiness UdpSocket::readiness() const {
  const Readiness error = error_ == std::errc{} ? Readiness::none : Readiness::error;
  return error | Readiness::send | (empty() ? Readiness::none : Readiness::recv);
}

void UdpSocket::arrive(Packet datagram) {
  if (queued_bytes_ + datagram.bytes.size() > kernel().options().datagram_buffer) {
    return;
  }
  queued_bytes_ += datagram.bytes.size();
  queued_.push(std::move(datagram));
  kernel().report(*this, Readiness::recv);
}

Packet UdpSocket::pop() {
  Packet datagram = queued_.pop();
  queued_bytes_ -= datagram.bytes.size();
  return datagram;
}

void UdpSocket::refused() {
  error_ = std::errc::connection_refused;
  kernel().report(*this, Readiness::error);
}

void Flight::fire() { kernel_.datagrams().land(*this); }

Result<> UdpSocket::connect(const Endpoint& peer) {
  if (peer.is_unix() || (is_ipv6(peer) && !of_ipv6_)) {
    return std::errc::address_family_not_supported;
  }
  if (is_broadcast(peer) && !options_.broadcast) {
    return std::errc::permission_denied;
  }
  if (kernel().host_at(peer) == nullptr && !is_broadcast(peer) && !is_of_simulated_network(peer)) {
    return std::errc::network_unreachable;
  }
  const Endpoint to =
      is_wildcard(peer) && !is_wildcard(at_) ? at_.with_port(peer.port()) : meant_by(peer);
  if (is_wildcard(at_)) {
    at_ = kernel().source_for(to).with_port(at_.port());
  }
  peer_ = to;
  return {};
}

Result<sched::Received> UdpSocket::recv(sched::Bytes into) {
  if (const std::errc error = take_error(); error != std::errc{}) {
    return error;
  }
  if (empty()) {
    return sched::would_block;
  }
  Choices& choices = kernel().fabric().choices;
  if (choices.choose(Site::again, key(), receives_++, 2, [&] { return name(); }).matters() != 0) {
    kernel().report(*this, Readiness::recv);
    return sched::would_block;
  }
  const Packet datagram = pop();
  const std::size_t size = std::min(datagram.bytes.size(), into.size());
  if (size != 0) {
    std::memcpy(into.data(), datagram.bytes.data(), size);
  }
  return sched::Received{size, datagram.bytes.size(), shown(datagram.from)};
}

Result<std::size_t> UdpSocket::send_to(sched::ConstBytes bytes, const Endpoint& to) {
  if (to.is_unix() || (is_ipv6(to) && !of_ipv6_)) {
    return std::errc::address_family_not_supported;
  }
  if (bytes.size() > UINT16_MAX && !is_ipv6(to)) {
    return std::errc::message_size;
  }
  if (to.port() == 0) {
    return std::errc::invalid_argument;
  }
  return send(bytes, to);
}

Result<std::size_t> UdpSocket::send_to_peer(sched::ConstBytes bytes) {
  const bool to_ipv6 = peer_ ? is_ipv6(*peer_) : of_ipv6_;
  if (bytes.size() > UINT16_MAX && !to_ipv6) {
    return std::errc::message_size;
  }
  if (!peer_.has_value()) {
    return std::errc::destination_address_required;
  }
  return send(bytes, *peer_);
}

Result<std::size_t> UdpSocket::send(sched::ConstBytes bytes, const Endpoint& to) {
  sched::touch(key());
  Kernel* host = kernel().host_at(to);
  const bool to_all = is_broadcast(to);
  if (host == nullptr && !to_all && !is_of_simulated_network(to)) {
    return std::errc::network_unreachable;
  }
  if (to_all && !options_.broadcast) {
    return std::errc::permission_denied;
  }
  if (bytes.size() > largest_datagram(to)) {
    return std::errc::message_size;
  }
  if (const std::errc error = take_error(); error != std::errc{}) {
    return error;
  }
  if (!may_send) {
    return std::errc::broken_pipe;
  }
  if (host == nullptr) {
    Fabric& fabric = kernel().fabric();
    const std::size_t hosts = to_all ? fabric.size() : 0;  // or no host has this address
    for (std::uint32_t number = 0; number < hosts; ++number) {
      transmit(fabric.kernel(number), bytes, to);
    }
    return bytes.size();
  }
  // A wildcard means the address that the datagram comes from.
  transmit(*host, bytes,
           is_wildcard(to) && !is_wildcard(at_) ? at_.with_port(to.port()) : meant_by(to));
  return bytes.size();
}

void UdpSocket::transmit(Kernel& host, sched::ConstBytes bytes, const Endpoint& to) {
  Fabric& fabric = kernel().fabric();
  Link& link = fabric.link(kernel().number(), host.number());
  const LinkOptions& options = link.options();
  const std::uint32_t ordinal = sends_++;
  const auto named = [&] { return name(); };
  if (options.bytes_per_second != 0) [[unlikely]] {
    sched::touch(sched::everything);
  }
  sched::Instant at = link.transmit(kernel().at(), bytes.size());
  const auto arrives = [&] { return Subject{host.number(), sched::after(at, options.latency)}; };
  const auto choose = [&](Site site, std::uint32_t rate, std::uint32_t most) {
    Choices& choices = fabric.choices;
    const Choice choice = rate == 0 ? choices.choose(site, key(), ordinal, most + 1, named, arrives)
                                    : choices.choose(Rate{rate, most}, site, key(), ordinal,
                                                     most + 1, named, arrives);
    return choice.matters();
  };
  const std::uint32_t lost = choose(Site::lost, options.loss, 1);
  std::uint32_t copies = 1 + choose(Site::duplicate, options.duplication, 1);
  const auto most_late =
      static_cast<std::uint32_t>(std::max(options.jitter, 4 * options.latency).count() / 1000);
  const bool always = options.jitter != sched::Duration::zero();
  const std::uint32_t late =
      always || options.reordering != 0
          ? choose(Site::late, always ? 1'000'000 : options.reordering, most_late)
          : choose(Site::late, 0, UINT32_MAX - 1);
  sched::Duration later = std::chrono::microseconds(late);
  bool dropped = lost != 0 || at == sched::never;
  if (fabric.faults.any(Operation::datagram)) {
    const Verdict verdict = kernel().judge(Operation::datagram, &host, name());
    if (verdict.kind != Verdict::Kind::pass) {
      fabric.faults.mattered();
    }
    dropped = dropped || verdict.kind == Verdict::Kind::drop;
    later += verdict.delay;
    copies += verdict.kind == Verdict::Kind::duplicate ? verdict.count : 0U;
  }
  if (dropped || !link.open()) {
    return;
  }
  at += options.latency + later;
  const Endpoint& bound = local();
  const Endpoint sender = is_wildcard(bound) || is_broadcast(bound) || is_ipv6(bound) != is_ipv6(to)
                              ? kernel().source_for(to).with_port(bound.port())
                              : bound;
  for (std::uint32_t copy = 0; copy < copies; ++copy) {
    Packet datagram{sender, {bytes.begin(), bytes.end()}};
    datagram.key = draw(key(), ordinal, copy);
    datagram.sent = fabric.events + 1;
    host.datagrams().expect(to, std::move(datagram), at);
  }
}

std::string Flight::describe() const {
  const std::string what = datagram.refusal
                               ? "port unreachable"
                               : "datagram of " + std::to_string(datagram.bytes.size()) + " bytes";
  return what + " arrives from " + datagram.from.to_string() + " at " + to.to_string();
}

void deliver(Kernel& host, const Endpoint& to, Packet datagram) {
  const auto note = [&](const UdpSocket& socket, std::uint64_t result) {
    RunEvent event{Op::deliver, host.number(), socket.descriptor(),
                   host.at(),   socket.key(),  result};
    event.cause = datagram.sent;
    host.fabric().note(event);
  };
  if (is_broadcast(to)) {
    host.ports().for_each_hearing(to, datagram.from, [&](UdpSocket& socket) {
      sched::touch(socket.key());
      note(socket, datagram.bytes.size());
      socket.arrive(datagram);
    });
    return;
  }
  UdpSocket* socket = host.ports().datagrams_at(to, datagram.from);
  if (socket != nullptr) {
    sched::touch(socket->key());
  }
  if (datagram.refusal) {
    // A socket is notified only if the datagram went to its peer (udp(7)).
    if (socket != nullptr && socket->peer().has_value()) {
      note(*socket, result_of(std::errc::connection_refused));
      socket->refused();
    }
  } else if (socket == nullptr) {
    refuse(host, to, datagram);
  } else {
    note(*socket, datagram.bytes.size());
    socket->arrive(std::move(datagram));
  }
}

}  // namespace rehearsal::simnet
