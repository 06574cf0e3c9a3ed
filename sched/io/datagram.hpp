// Datagram: one datagram socket, of UDP or of Unix.
#pragma once

#include <cstddef>
#include <span>
#include <string_view>

#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

/// One datagram socket, of UDP or of Unix. One task may receive while another sends. A second task
/// in the same direction fails with std::errc::device_or_resource_busy. Every operation throws
/// std::system_error with the network's error, with operation_canceled if the socket is closed
/// during the operation, and with bad_file_descriptor if it was closed before.
template <Network Net>
class Datagram : public Socket<Net> {
 public:
  /// Takes ownership of a bound `descriptor`.
  Datagram(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::recv | Readiness::send) {}

  /// Receives the next datagram into `into`, which must live until then. If it does not fit, the
  /// rest of it is lost; see Received::truncated. A datagram of 0 bytes is valid and does not mean
  /// the end. Throws connection_refused if the peer of set_peer() has refused an earlier datagram.
  /// If cancelled, leaves the datagram for the next call.
  Task<Received> recv_from(Bytes into);
  /// Receives the next datagram into characters, such as a char array or a std::string.
  Task<Received> recv_from(std::span<char> into) { return recv_from(std::as_writable_bytes(into)); }
  /// Sends `from` as one datagram to `to`. `from` must live until then. Throws message_size if it
  /// is too long. A Unix socket does not wait for the receiver: throws no_buffer_space while there
  /// is no room, and connection_refused if no socket is there. If cancelled, has sent nothing.
  Task<> send_to(ConstBytes from, Endpoint to);
  /// Sends `text` as one datagram to `to`. `text` must live until then.
  Task<> send_to(std::string_view text, const Endpoint& to) {
    return send_to(std::as_bytes(std::span(text)), to);
  }
  /// Sets the only endpoint from which the socket receives, and to which send() sends (connect(2)
  /// of a datagram socket). The socket then also learns if that endpoint refuses datagrams.
  /// Throws std::system_error.
  void set_peer(const Endpoint& peer);
  /// Sends `from` as one datagram to the peer of set_peer(). `from` must live until then. A Unix
  /// socket waits while the peer has no room. Throws destination_address_required if no peer was
  /// set (not_connected for Unix), connection_refused if the peer has refused an earlier datagram
  /// or, for Unix, is closed, and message_size if `from` is too long. If cancelled, has sent
  /// nothing.
  Task<> send(ConstBytes from);
  /// Sends `text` as one datagram to the peer of set_peer(). `text` must live until then.
  Task<> send(std::string_view text) { return send(std::as_bytes(std::span(text))); }
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
