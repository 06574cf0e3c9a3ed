// Datagram: one UDP socket. Errors are as in stream.hpp.
#pragma once

#include <cstddef>

#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

template <Network Net>
class Datagram : public Socket<Net> {
 public:
  // Takes over a bound `descriptor`.
  Datagram(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::recv | Readiness::send) {}

  // The next datagram; what does not fit into `into` is lost, and the result says so (truncated()).
  // An empty one is no end: it is a datagram of 0 bytes. connection_refused: the peer of set_peer()
  // has refused an earlier one. Cancelled, it leaves the datagram for the next call.
  Task<Received> recv_from(Bytes into);
  // Sends `from` whole, or throws: message_size if it is too long. Cancelled, it has sent nothing.
  Task<> send_to(ConstBytes from, Endpoint to);
  // From now on `peer` is the only one it receives from, and the one to which send() sends; it
  // learns where that refuses (connect(2) of a datagram socket). Throws std::system_error.
  void set_peer(const Endpoint& peer);
  // As send_to the peer. destination_address_required where none was set.
  Task<> send(ConstBytes from);
};

// Implementation.

template <Network Net>
Task<Received> Datagram<Net>::recv_from(Bytes into) {
  SocketCall call(this->scheduler(), this->handle(), Direction::recv,
                  [into](Net& net, Descriptor d) { return net.recv_from(d, into); });
  const Result<Received> received = co_await call;
  if (!received.ok()) {
    throw_error(received.error(), "receive a datagram");
  }
  co_return received.value();
}

template <Network Net>
Task<> Datagram<Net>::send_to(ConstBytes from, Endpoint to) {
  SocketCall call(this->scheduler(), this->handle(), Direction::send,
                  [from, &to](Net& net, Descriptor d) { return net.send_to(d, from, to); });
  const Result<std::size_t> sent = co_await call;
  if (!sent.ok()) {
    throw_error(sent.error(), "send a datagram to " + to.to_string());
  }
}

template <Network Net>
void Datagram<Net>::set_peer(const Endpoint& peer) {
  this->require_open("set the peer");
  const Result<> set = this->network().set_peer(this->handle().descriptor, peer);
  if (!set.ok()) {
    throw_error(set.error(), "make " + peer.to_string() + " the peer");
  }
}

template <Network Net>
Task<> Datagram<Net>::send(ConstBytes from) {
  SocketCall call(this->scheduler(), this->handle(), Direction::send,
                  [&from](Net& net, Descriptor d) { return net.send(d, Pieces(&from, 1)); });
  const Result<std::size_t> sent = co_await call;
  if (!sent.ok()) {
    throw_error(sent.error(), "send a datagram to the peer");
  }
}

}  // namespace rehearsal::sched
