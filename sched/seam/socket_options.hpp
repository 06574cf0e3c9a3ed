// Options of sockets that differ from the defaults: ip(7), tcp(7), socket(7).
#pragma once

#include "sched/base/time.hpp"

namespace rehearsal::sched {

/// Options of a TCP connection: how it detects a silent peer, and how it closes.
struct StreamOptions {
  StreamOptions() = default;

  /// Time without any data from the peer, in seconds, before the first keep-alive probe; at most
  /// 32767. 0 means no probes (SO_KEEPALIVE, TCP_KEEPIDLE; RFC 9293, 3.8.4).
  std::chrono::seconds keep_alive_idle{};
  /// Time between keep-alive probes, in seconds, from 1 to 32767 (TCP_KEEPINTVL).
  std::chrono::seconds keep_alive_interval{75};
  /// Number of probes without an answer after which the connection fails with timed_out, from 1 to
  /// 127 (TCP_KEEPCNT).
  int keep_alive_count = 9;
  /// Time that sent data may stay unacknowledged, in milliseconds, before the connection fails
  /// with timed_out, even if the peer is alive but does not receive. If keep-alive is on, it
  /// replaces the number of probes. 0 means the kernel's own limit, about 15 minutes
  /// (TCP_USER_TIMEOUT; RFC 5482).
  std::chrono::milliseconds user_timeout{};
  /// Closes the connection with a RST, and drops the data that is still to be sent (SO_LINGER of 0
  /// seconds). A longer linger time is not supported: close(2) would block for it, even on a
  /// non-blocking socket.
  bool reset_on_close = false;

  /// Returns true if Linux accepts these values.
  [[nodiscard]] bool valid() const;
  friend bool operator==(const StreamOptions&, const StreamOptions&);
};

/// Options of a listener. One of Unix sockets has no `ipv6_only`; with `reuse_port` it fails with
/// operation_not_supported, and its clients ignore the options of TCP.
struct ListenOptions {
  int backlog = 0;  ///< maximum length of the backlog; 0 means the kernel's maximum (SOMAXCONN)
  bool reuse_port = false;  ///< SO_REUSEPORT: several listeners share the port and its clients
  bool ipv6_only = false;   ///< if false, an IPv6 wildcard address accepts IPv4 clients too
  /// If the path of a Unix socket is taken by the file of a socket that no process has open,
  /// removes that file first. The file stays when a socket is closed, so a server that starts again
  /// finds it.
  bool replace_stale = false;
  StreamOptions clients{};  ///< options of each accepted connection
};

/// Options of a datagram socket. One of Unix fails with operation_not_supported if `reuse_port`.
struct BindOptions {
  BindOptions() = default;

  bool reuse_port = false;     ///< SO_REUSEPORT: several sockets share the port and its senders
  bool broadcast = false;      ///< SO_BROADCAST: may send to broadcast addresses (IPv4)
  bool replace_stale = false;  ///< of a Unix socket; see ListenOptions::replace_stale
};

}  // namespace rehearsal::sched
