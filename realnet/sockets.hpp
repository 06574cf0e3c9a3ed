// The kernel's socket calls as the seam wants them (sched/seam/network.hpp), for every source.
//
// Each descriptor given out is non-blocking, closed on exec, and owned by the caller until close()
// or abort(). Errors are errno as std::errc, those of the manual page named at each call; EAGAIN
// and EWOULDBLOCK are would_block, EINTR is never seen. Options are set where they cost no system
// call later: a TCP socket inherits TCP_NODELAY and SO_OOBINLINE from its listener.
#pragma once

#include <string>

#include "sched/seam/network.hpp"

namespace rehearsal::realnet {

class Sockets {
 public:
  // socket(2), bind(2), listen(2). address_in_use, address_not_available, permission_denied, ...
  static sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                                 const sched::ListenOptions& options = {});
  // accept4(2), and nothing else.
  static sched::Result<sched::Accepted> accept(sched::Descriptor listener);
  // connect(2). An error there and then leaves no descriptor.
  static sched::Result<sched::Connecting> connect(const sched::Endpoint& to);
  // SO_ERROR of socket(7), asked when the socket seems ready to send: why the connection failed,
  // told once; would_block while it is still being made.
  static sched::Result<> connected(sched::Descriptor socket);
  // recv(2). An empty `into` gives 0, which then says nothing of the peer.
  static sched::Result<std::size_t> recv(sched::Descriptor socket, sched::Bytes into);
  // send(2) of one piece, sendmsg(2) of more; broken_pipe instead of SIGPIPE. Gives how many bytes
  // the kernel took, at least 1 of pieces that are not empty. REQUIRES: at most max_pieces.
  static sched::Result<std::size_t> send(sched::Descriptor socket, sched::Pieces pieces);
  // shutdown(2). Again and again is ok, and so is a peer that is gone.
  static sched::Result<> shutdown_send(sched::Descriptor socket);
  // close(2), never retried: Linux has let go of the number even where it was interrupted.
  // REQUIRES: the descriptor is open.
  static void close(sched::Descriptor socket);
  // SO_LINGER of 0 seconds (socket(7)), then close: what was not sent is dropped and the peer sees
  // connection_reset.
  static void abort(sched::Descriptor socket);

  // setsockopt(2). invalid_argument where they are not valid(); nothing is set then.
  static sched::Result<> set_options(sched::Descriptor socket, const sched::StreamOptions& options);

  // udp(7). An IPv6 wildcard takes IPv4 too.
  static sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                               const sched::BindOptions& options = {});
  // connect(2) of a datagram socket.
  static sched::Result<> set_peer(sched::Descriptor socket, const sched::Endpoint& peer);
  // recvfrom(2) with MSG_TRUNC, which tells how long a datagram was that did not fit.
  static sched::Result<sched::Received> recv_from(sched::Descriptor socket, sched::Bytes into);
  // sendto(2). message_size where it is longer than a datagram can be.
  static sched::Result<std::size_t> send_to(sched::Descriptor socket, sched::ConstBytes from,
                                            const sched::Endpoint& to);

  // getsockname(2) and getpeername(2); not_connected where the peer is gone or never was.
  static sched::Result<sched::Endpoint> local(sched::Descriptor socket);
  static sched::Result<sched::Endpoint> peer(sched::Descriptor socket);
  // The peer's endpoint in text; "unconnected" where there is none.
  static std::string connection_name(sched::Descriptor socket);
};

}  // namespace rehearsal::realnet
