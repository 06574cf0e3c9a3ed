#include "simnet/kernel/datagrams.hpp"

#include <memory>
#include <utility>

#include "sched/base/check.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/kernel_note.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Result;

Result<Descriptor> Datagrams::bind(const Endpoint& at, const sched::BindOptions& options) {
  sched::touch(kernel_.key_of(Kernel::Part::descriptors));
  sched::touch(kernel_.key_of(Kernel::Part::datagrams));
  const auto bind_at = [&]() -> Result<Descriptor> {
    if (kernel_.descriptors().full()) {
      return std::errc::too_many_files_open;
    }
    if (at.is_unix()) {
      return kernel_.unix_sockets().bind(at, options);
    }
    const Result<> address = kernel_.check_address(at);
    if (!address.ok()) {
      return address.error();
    }
    const auto here = kernel_.ports().place(at, options);
    if (!here.ok()) {
      return here.error();
    }
    return kernel_.descriptors().open(kernel_.ports().add(std::make_unique<UdpSocket>(
        kernel_, kernel_.socket_name("udp/" + std::to_string(at.port()), at.port() == 0),
        here.value(), options)));
  };
  return note(kernel_, Op::bind, -1, kernel_.key(), bind_at());
}

Result<> Datagrams::set_peer(Descriptor descriptor, const Endpoint& peer) {
  kernel_.touch(descriptor);
  if (UnixSocket* of_unix = kernel_.unix_socket(descriptor); of_unix != nullptr) {
    return kernel_.unix_sockets().set_peer(*of_unix, peer);
  }
  auto* socket = kernel_.find<UdpSocket>(descriptor, OpenFile::Kind::datagram);
  sched::check(socket != nullptr, "set_peer() is asked of a datagram socket");
  return note(kernel_, Op::set_peer, descriptor, socket->key(), socket->connect(peer));
}

Result<sched::Received> Datagrams::recv_from(Descriptor descriptor, sched::Bytes into) {
  kernel_.touch(descriptor);
  auto* socket = kernel_.find<UdpSocket>(descriptor, OpenFile::Kind::datagram);
  if (socket == nullptr) {
    if (UnixSocket* of_unix = kernel_.unix_socket(descriptor); of_unix != nullptr) {
      return kernel_.unix_sockets().recv_from(*of_unix, into);
    }
    return kernel_.unfit(descriptor, std::errc::not_connected, {});
  }
  const Result<sched::Received> received = socket->recv(into);
  if (received.ok()) {
    const std::size_t size = received.value().size;
    kernel_.fabric().note({Op::recv_from, kernel_.number(), descriptor, kernel_.at(), socket->key(),
                           size, into.first(size)});
  } else if (received.error() != sched::would_block) {
    kernel_.fabric().note({Op::recv_from, kernel_.number(), descriptor, kernel_.at(), socket->key(),
                           result_of(received.error())});
  }
  return received;
}

Result<std::size_t> Datagrams::send_to(Descriptor descriptor, sched::ConstBytes from,
                                       const Endpoint& to) {
  kernel_.touch(descriptor);
  auto* socket = kernel_.find<UdpSocket>(descriptor, OpenFile::Kind::datagram);
  if (socket == nullptr) {
    if (UnixSocket* of_unix = kernel_.unix_socket(descriptor); of_unix != nullptr) {
      return kernel_.unix_sockets().send_to(*of_unix, from, to);
    }
    return kernel_.unfit(descriptor, std::errc::broken_pipe, {});
  }
  return note(kernel_, Op::send_to, descriptor, socket->key(), socket->send_to(from, to), from,
              &to);
}

Result<std::size_t> Datagrams::send(UdpSocket& socket, sched::Pieces pieces) {
  sched::Message bytes;
  for (const sched::ConstBytes& piece : pieces) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
  return note(kernel_, Op::send_to, socket.descriptor(), socket.key(), socket.send_to_peer(bytes),
              bytes, socket.peer() ? &*socket.peer() : nullptr);
}

void Datagrams::expect(const Endpoint& to, Packet datagram, sched::Instant at) {
  flights_.emplace_front(kernel_, to, std::move(datagram));
  Flight& flight = flights_.front();
  flight.self = flights_.begin();
  kernel_.set_timer(flight, at);
}

void Datagrams::land(Flight& flight) {
  const Endpoint to = flight.to;
  Packet datagram = std::move(flight.datagram);
  flights_.erase(flight.self);
  if (kernel_.has_power()) {
    sched::touch(kernel_.key_of(Kernel::Part::datagrams), sched::Access::read);
    deliver(kernel_, to, std::move(datagram));
  }
}

}  // namespace rehearsal::simnet
