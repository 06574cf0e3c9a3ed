// The kernel's socket calls in the form of the Network interface (sched/seam/network.hpp), for
// every event source.
//
// Each returned descriptor is non-blocking, closed on exec, and owned by the caller until close()
// or abort(). Errors are errno as std::errc; the manual page named at each call lists them. EAGAIN
// and EWOULDBLOCK are would_block; EINTR is never returned. Options are set where they cost no
// system call later: a TCP socket inherits TCP_NODELAY and SO_OOBINLINE from its listener.
#pragma once

#include <string>

#include "sched/seam/network.hpp"

namespace rehearsal::realnet {

/// The kernel's socket calls in the form of the Network interface. Errors are errno as std::errc;
/// the manual page named at each call lists them.
class Sockets {
 public:
  /// Calls socket(2), bind(2) and listen(2). Errors: address_in_use, address_not_available,
  /// permission_denied, no_such_file_or_directory, ...
  static sched::Result<sched::Descriptor> listen(const sched::Endpoint& at,
                                                 const sched::ListenOptions& options = {});
  /// Calls accept4(2), and nothing else.
  static sched::Result<sched::Accepted> accept(sched::Descriptor listener);
  /// Calls connect(2). After an immediate error there is no descriptor. A Unix socket connects at
  /// once, or fails: with would_block if the backlog is full.
  static sched::Result<sched::Connecting> connect(const sched::Endpoint& to);
  /// Reads SO_ERROR of socket(7), once the socket seems ready to send: why the connection failed,
  /// reported once; would_block while it is still being made.
  static sched::Result<> connected(sched::Descriptor socket);
  /// Calls recv(2). With an empty `into` it returns 0, which does not mean the end.
  static sched::Result<std::size_t> recv(sched::Descriptor socket, sched::Bytes into);
  /// Calls send(2) for one piece and sendmsg(2) for more; returns broken_pipe instead of raising
  /// SIGPIPE. Returns how many bytes the kernel accepted, at least 1 if the pieces are not empty.
  /// REQUIRES: at most max_pieces pieces.
  static sched::Result<std::size_t> send(sched::Descriptor socket, sched::Pieces pieces);
  /// Calls shutdown(2). Idempotent; succeeds even if the peer has disconnected.
  static sched::Result<> shutdown_send(sched::Descriptor socket);
  /// Calls close(2), without a retry: Linux frees the number even if the call is interrupted.
  /// REQUIRES: the descriptor is open.
  static void close(sched::Descriptor socket);
  /// Sets SO_LINGER to 0 seconds (socket(7)), then closes: unsent data is dropped, and the peer
  /// gets connection_reset. A Unix socket closes as by close().
  static void abort(sched::Descriptor socket);

  /// Calls setsockopt(2). Returns invalid_argument, and sets nothing, if the options are
  /// not valid(). A Unix socket ignores the options of TCP.
  static sched::Result<> set_options(sched::Descriptor socket, const sched::StreamOptions& options);

  /// Opens a socket of udp(7) or a datagram socket of unix(7). An IPv6 wildcard address receives
  /// IPv4 too.
  static sched::Result<sched::Descriptor> bind(const sched::Endpoint& at,
                                               const sched::BindOptions& options = {});
  /// Calls connect(2) of a datagram socket.
  static sched::Result<> set_peer(sched::Descriptor socket, const sched::Endpoint& peer);
  /// Calls recvfrom(2) with MSG_TRUNC, which returns the full length of a datagram that does
  /// not fit.
  static sched::Result<sched::Received> recv_from(sched::Descriptor socket, sched::Bytes into);
  /// Calls sendto(2). Returns message_size if `from` is longer than a datagram can be, and
  /// no_buffer_space if a Unix socket has no room for it.
  static sched::Result<std::size_t> send_to(sched::Descriptor socket, sched::ConstBytes from,
                                            const sched::Endpoint& to);

  /// Calls getsockname(2) or getpeername(2). Returns not_connected if there is no peer, or
  /// no longer.
  static sched::Result<sched::Endpoint> local(sched::Descriptor socket);
  static sched::Result<sched::Endpoint> peer(sched::Descriptor socket);
  /// Returns the peer's endpoint as text, or "pid-" and the process that connected if it is an
  /// unnamed Unix socket; "unconnected" if there is no peer.
  static std::string connection_name(sched::Descriptor socket);
};

}  // namespace rehearsal::realnet
