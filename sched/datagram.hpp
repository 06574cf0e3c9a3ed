// Datagram: one UDP socket. Errors are as in stream.hpp.
#pragma once

#include <cstddef>

#include "sched/socket.hpp"
#include "sched/socket_call.hpp"

namespace rehearsal::sched {

template <Network Net>
class Datagram : public Socket<Net> {
 public:
  // Takes over a bound `descriptor`.
  Datagram(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::recv | Readiness::send) {}

  // The next datagram; what does not fit into `into` is lost, and the result says so (truncated()).
  // An empty one is no end: it is a datagram of 0 bytes. connection_refused: an earlier one was
  // refused.
  Task<Received> recv_from(Bytes into);
  // Sends `from` whole, or throws: message_size where it is too long.
  Task<> send_to(ConstBytes from, Endpoint to);
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

}  // namespace rehearsal::sched
