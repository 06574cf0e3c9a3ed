// The datagram calls of a simulated kernel, and what a world does to the kernel as a whole.
#include <algorithm>
#include <cstring>

#include "sched/base/check.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/kernel_note.hpp"
#include "simnet/kernel/ports.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Result;

namespace {

// 65,535 bytes less the header of UDP and, of IPv4, its own (RFC 768, RFC 8200).
std::size_t largest_datagram(const Endpoint& to) { return is_ipv6(to) ? 65527 : 65507; }

// One of the addresses of hosts, whether or not one has it.
bool is_of_this_network(const Endpoint& to) {
  return to.family() == Endpoint::Family::ipv4 && to.bytes()[0] == 10;
}

}  // namespace

Result<Descriptor> Kernel::bind(const Endpoint& at, const sched::BindOptions& options) {
  sched::touch(key_of(Part::descriptors));
  sched::touch(key_of(Part::datagrams));
  const auto bind_at = [&]() -> Result<Descriptor> {
    if (descriptors_.full()) {
      return std::errc::too_many_files_open;
    }
    const Result<> address = check_address(at);
    if (!address.ok()) {
      return address.error();
    }
    const auto used = [&](const Endpoint& here) {
      return std::ranges::any_of(datagram_sockets_, [&](const auto& one) {
        return clash(one.second->local(), false, here, false) &&
               !(options.reuse_port && one.second->shares_port());
      });
    };
    Endpoint here = at;
    if (at.port() == 0) {
      const auto port = ephemeral_port(
          next_udp_port_, [&](std::uint16_t candidate) { return used(at.with_port(candidate)); });
      if (!port.ok()) {
        return std::errc::address_in_use;
      }
      here = at.with_port(port.value());
    } else if (used(here)) {
      return std::errc::address_in_use;
    }
    const auto added = datagram_sockets_.emplace(
        here.port(), std::make_unique<UdpSocket>(*this, socket_name("udp", at.port()), here,
                                                 options.reuse_port));
    return descriptors_.open(*added->second);
  };
  return note(Op::bind, -1, key_, bind_at());
}

Result<> Kernel::set_peer(Descriptor descriptor, const Endpoint& peer) {
  touch(descriptor);
  auto* socket = find<UdpSocket>(descriptor, OpenFile::Kind::datagram);
  sched::check(socket != nullptr, "set_peer() is asked of a UDP socket");
  const auto connect = [&]() -> Result<> {
    const Endpoint& bound = socket->local();
    if (is_ipv6(peer) && !socket->of_ipv6()) {
      return std::errc::address_family_not_supported;
    }
    if (host_at(peer) == nullptr && !is_of_this_network(peer)) {
      return std::errc::network_unreachable;
    }
    const Endpoint to =
        is_wildcard(peer) && !is_wildcard(bound) ? bound.with_port(peer.port()) : meant_by(peer);
    socket->connect(is_wildcard(bound) ? source_for(to).with_port(bound.port()) : bound, to);
    return {};
  };
  return note(Op::set_peer, descriptor, socket->key(), connect());
}

Result<sched::Received> Kernel::recv_from(Descriptor descriptor, sched::Bytes into) {
  touch(descriptor);
  auto* socket = find<UdpSocket>(descriptor, OpenFile::Kind::datagram);
  if (socket == nullptr) {
    return unfit(descriptor, std::errc::not_connected, {});
  }
  if (const std::errc error = socket->take_error(); error != std::errc{}) {
    fabric_.note({Op::recv_from, number_, descriptor, at_, socket->key(), result_of(error)});
    return error;
  }
  if (socket->empty()) {
    return sched::would_block;
  }
  if (fabric_.choices.choose(Site::again, socket->key(), socket->receives++, 2,
                             [&] { return socket->name(); }) != 0) {
    fabric_.choices.mattered(Site::again);
    report(*socket, sched::Readiness::recv);
    return sched::would_block;
  }
  const Datagram datagram = socket->pop();
  const std::size_t size = std::min(datagram.bytes.size(), into.size());
  if (size != 0) {
    std::memcpy(into.data(), datagram.bytes.data(), size);
  }
  fabric_.note({Op::recv_from, number_, descriptor, at_, socket->key(), size, into.first(size)});
  return sched::Received{size, datagram.bytes.size(), socket->shown(datagram.from)};
}

Result<std::size_t> Kernel::send_to(Descriptor descriptor, sched::ConstBytes from,
                                    const Endpoint& to) {
  touch(descriptor);
  auto* socket = find<UdpSocket>(descriptor, OpenFile::Kind::datagram);
  if (socket == nullptr) {
    return unfit(descriptor, std::errc::broken_pipe, {});
  }
  const auto send_one = [&]() -> Result<std::size_t> {
    if (is_ipv6(to) && !socket->of_ipv6()) {
      return std::errc::address_family_not_supported;
    }
    if (from.size() > UINT16_MAX && !is_ipv6(to)) {
      return std::errc::message_size;
    }
    if (to.port() == 0) {
      return std::errc::invalid_argument;
    }
    return send_datagram(*socket, from, to);
  };
  return note(Op::send_to, descriptor, socket->key(), send_one(), from);
}

// To its peer: the pieces are one datagram.
Result<std::size_t> Kernel::send_to_peer(UdpSocket& socket, sched::Pieces pieces) {
  sched::Message bytes;
  for (const sched::ConstBytes& piece : pieces) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
  const auto send_one = [&]() -> Result<std::size_t> {
    const bool to_ipv6 = socket.peer() ? is_ipv6(*socket.peer()) : socket.of_ipv6();
    if (bytes.size() > UINT16_MAX && !to_ipv6) {
      return std::errc::message_size;
    }
    if (!socket.peer().has_value()) {
      return std::errc::destination_address_required;
    }
    return send_datagram(socket, bytes, *socket.peer());
  };
  return note(Op::send_to, socket.descriptor(), socket.key(), send_one(), bytes);
}

Result<std::size_t> Kernel::send_datagram(UdpSocket& socket, sched::ConstBytes from,
                                          const Endpoint& to) {
  sched::touch(socket.key());
  Kernel* host = host_at(to);
  if (host == nullptr && !is_of_this_network(to)) {
    return std::errc::network_unreachable;
  }
  if (from.size() > largest_datagram(to)) {
    return std::errc::message_size;
  }
  if (const std::errc error = socket.take_error(); error != std::errc{}) {
    return error;
  }
  if (!socket.may_send) {
    return std::errc::broken_pipe;
  }
  if (host == nullptr) {
    return from.size();  // nobody answers for this address
  }
  // What is sent to a wildcard goes where it comes from.
  const Endpoint& bound = socket.local();
  fly(socket, *host, from,
      is_wildcard(to) && !is_wildcard(bound) ? bound.with_port(to.port()) : meant_by(to));
  return from.size();
}

// What becomes of a datagram on its link.
void Kernel::fly(UdpSocket& socket, Kernel& host, sched::ConstBytes bytes, const Endpoint& to) {
  Link& link = fabric_.link(number_, host.number());
  const LinkOptions& options = link.options();
  const std::uint32_t ordinal = socket.sends++;
  const auto name = [&] { return socket.name(); };
  const auto choose = [&](Site site, std::uint32_t rate, std::uint32_t most) {
    Choices& choices = fabric_.choices;
    const std::uint32_t value =
        rate == 0 ? choices.choose(site, socket.key(), ordinal, most + 1, name)
                  : choices.choose(Rate{rate, most}, site, socket.key(), ordinal, most + 1, name);
    if (value != 0) {
      choices.mattered(site);
    }
    return value;
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
  if (options.bytes_per_second != 0) [[unlikely]] {
    sched::touch(sched::everything);
  }
  sched::Instant at = link.transmit(at_, bytes.size());
  sched::Duration later = std::chrono::microseconds(late);
  bool dropped = lost != 0 || at == sched::never;
  if (fabric_.faults.any(Operation::datagram)) {
    const Verdict verdict = judge(Operation::datagram, &host, socket.name());
    if (verdict.kind != Verdict::Kind::pass) {
      fabric_.faults.mattered();
    }
    dropped = dropped || verdict.kind == Verdict::Kind::drop;
    later += verdict.delay;
    copies += verdict.kind == Verdict::Kind::duplicate ? verdict.count : 0U;
  }
  if (dropped || !link.open()) {
    return;
  }
  at += options.latency + later;
  const Endpoint& bound = socket.local();
  const Endpoint sender = is_wildcard(bound) || is_ipv6(bound) != is_ipv6(to)
                              ? source_for(to).with_port(bound.port())
                              : bound;
  for (std::uint32_t copy = 0; copy < copies; ++copy) {
    Datagram datagram{sender, {bytes.begin(), bytes.end()}};
    datagram.key = draw(socket.key(), ordinal, copy);
    host.expect(to, std::move(datagram), at);
  }
}

void Kernel::expect(const Endpoint& to, Datagram datagram, sched::Instant at) {
  flights_.emplace_front(*this, to, std::move(datagram));
  Flight& flight = flights_.front();
  flight.self = flights_.begin();
  set_timer(flight, at);
}

void Kernel::land(Flight& flight) {
  const Endpoint to = flight.to;
  Datagram datagram = std::move(flight.datagram);
  flights_.erase(flight.self);
  if (!has_power_) {
    return;
  }
  sched::touch(key_of(Part::datagrams), sched::Access::read);
  UdpSocket* socket = datagrams_at(to, datagram.from);
  if (socket != nullptr) {
    sched::touch(socket->key());
  }
  if (datagram.refusal) {
    // Only a socket whose peer it is hears of it (udp(7)).
    if (socket != nullptr && socket->peer().has_value()) {
      fabric_.note({Op::deliver, number_, socket->descriptor(), at_, socket->key(),
                    result_of(std::errc::connection_refused)});
      socket->refused();
    }
  } else if (socket == nullptr) {
    refuse(to, datagram);
  } else {
    fabric_.note(
        {Op::deliver, number_, socket->descriptor(), at_, socket->key(), datagram.bytes.size()});
    socket->arrive(std::move(datagram));
  }
}

// Tells who sent `datagram` that nobody here has the port of `to`.
void Kernel::refuse(const Endpoint& to, const Datagram& datagram) {
  Kernel* host = host_at(datagram.from);
  if (host == nullptr) {
    return;
  }
  const Link& link = fabric_.link(number_, host->number());
  if (link.open()) {
    host->expect(datagram.from, {to, {}, true, mix(datagram.key)}, at_ + link.options().latency);
  }
}

void Kernel::end_process() {
  muted_ = false;
  task_ = nullptr;
  descriptors_.for_each([this](OpenFile& socket) { close(socket.descriptor()); });
  abandoned_.clear();
  found_.clear();
  delayed_reports_.clear();
}

void Kernel::power_off() {
  has_power_ = false;
  muted_ = false;
  descriptors_.for_each([this](OpenFile& socket) {
    if (socket.kind() == OpenFile::Kind::stream) {
      descriptors_.close(socket);
      static_cast<TcpEnd&>(socket).vanish();
    } else if (socket.kind() == OpenFile::Kind::listener) {
      static_cast<TcpListener&>(socket).forget_all();
    }
  });
  end_process();
  flights_.clear();
}

void Kernel::power_on(sched::Instant at) {
  has_power_ = true;
  at_ = busy_until_ = at;
}

}  // namespace rehearsal::simnet
