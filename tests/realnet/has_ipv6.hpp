// Returns whether this machine has IPv6, as the kernel reports it, without the code under test.
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

namespace rehearsal::realnet {

inline bool has_ipv6() {
  const int socket = ::socket(AF_INET6, SOCK_STREAM | SOCK_CLOEXEC, 0);
  if (socket < 0) {
    return false;
  }
  sockaddr_in6 loopback{};
  loopback.sin6_family = AF_INET6;
  loopback.sin6_addr = in6addr_loopback;
  const auto* address = reinterpret_cast<const sockaddr*>(&loopback);
  const bool bound = ::bind(socket, address, sizeof loopback) == 0;
  ::close(socket);
  return bound;
}

}  // namespace rehearsal::realnet
