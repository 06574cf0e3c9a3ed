// An Endpoint in the kernel's form: the sockaddr_in of ip(7), the sockaddr_in6 of ipv6(7), or the
// sockaddr_un of unix(7).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>
#include <sys/un.h>

#include "sched/seam/endpoint.hpp"

namespace rehearsal::sched {

class SocketAddress {
 public:
  // Creates an empty address with room for any; a call of the kernel fills it in.
  SocketAddress() { address_.any.sa_family = AF_UNSPEC; }
  explicit SocketAddress(const Endpoint& endpoint);
  // Copies an address that a program passes to a call; none if `size` is too small or too large.
  SocketAddress(const sockaddr* address, socklen_t size);

  // Returns the address for a call that reads it.
  [[nodiscard]] const sockaddr* get() const { return &address_.any; }
  [[nodiscard]] socklen_t size() const { return size_; }
  // Returns the address for a call that stores one.
  [[nodiscard]] sockaddr* to_fill() { return &address_.any; }
  [[nodiscard]] socklen_t* size_to_fill() { return &size_; }

  // Returns the endpoint; 0.0.0.0:0 if the address has another family. An empty address is that of
  // an unnamed Unix socket: recvfrom(2) stores nothing for it.
  [[nodiscard]] Endpoint endpoint() const;

 private:
  union Address {
    sockaddr_in ipv4;
    sockaddr_in6 ipv6;
    sockaddr_un unix_socket;
    sockaddr any;
  };

  Address address_;  // NOLINT: only the member that is used is written
  socklen_t size_ = sizeof(Address);
};

}  // namespace rehearsal::sched
