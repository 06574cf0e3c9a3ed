// What a socket is asked to do otherwise than by default: ip(7), tcp(7), socket(7).
#pragma once

#include <chrono>

namespace rehearsal::sched {

// What a TCP connection does about a peer that is silent, and how it ends.
struct StreamOptions {
  StreamOptions() = default;

  // When nothing was heard for so long the peer is asked whether it is there, and again after each
  // interval; after `count` questions without an answer the connection ends with timed_out. Zero:
  // it is never asked. (SO_KEEPALIVE, TCP_KEEPIDLE, TCP_KEEPINTVL, TCP_KEEPCNT; RFC 9293, 3.8.4)
  std::chrono::seconds keep_alive_idle{};
  std::chrono::seconds keep_alive_interval{75};
  int keep_alive_count = 9;
  // When what was sent is not acknowledged for so long the connection ends with timed_out; also
  // where the peer is there but does not receive. With keep-alive it takes the place of the count.
  // Zero: the kernel's own limit, about 15 minutes. (TCP_USER_TIMEOUT; RFC 5482)
  std::chrono::milliseconds user_timeout{};
  // It is closed with a RST, and what is still on its way is dropped. (SO_LINGER of 0 seconds. A
  // longer time is not to be had: close(2) blocks for it, whether the socket is non-blocking or
  // not.)
  bool reset_on_close = false;

  // Whether a kernel takes them.
  [[nodiscard]] bool valid() const;
  friend bool operator==(const StreamOptions&, const StreamOptions&);
};

struct ListenOptions {
  int backlog = 0;          // 0: the most the kernel allows (SOMAXCONN)
  bool reuse_port = false;  // SO_REUSEPORT: several listeners share the port, and its clients
  bool ipv6_only = false;   // an IPv6 wildcard takes IPv4 clients too, unless set
  StreamOptions clients{};  // of each connection that is accepted
};

struct BindOptions {
  BindOptions() = default;

  bool reuse_port = false;  // SO_REUSEPORT: several sockets share the port, and its senders
};

}  // namespace rehearsal::sched
