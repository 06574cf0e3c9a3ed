#include "simnet/kernel/unix_socket.hpp"

#include "simnet/kernel/unix_sockets.hpp"

namespace rehearsal::simnet {

UnixSocket::UnixSocket(UnixSockets& sockets, SocketName name, sched::Endpoint at)
    : OpenFile(Kind::unix_socket, sockets.kernel()),
      sockets_(sockets),
      name_(std::move(name)),
      at_(std::move(at)) {}

sched::Result<> UnixSocket::connected() {
  if (const std::errc error = take_error(); error != std::errc{}) {
    return error;
  }
  return peer().ok() ? sched::Result<>() : sched::Result<>(sched::would_block);
}

sched::Result<> UnixSocket::set_peer(const sched::Endpoint& /*to*/) {
  sched::check(false, "set_peer() is asked of a datagram socket");
  return {};
}

}  // namespace rehearsal::simnet
