// An Endpoint in the kernel's form: sockaddr_in of ip(7) or sockaddr_in6 of ipv6(7).
#pragma once

#include <netinet/in.h>
#include <sys/socket.h>

#include "sched/seam/endpoint.hpp"

namespace rehearsal::realnet {

class SocketAddress {
 public:
  // Empty, with room for any address: a call of the kernel fills it in.
  SocketAddress() = default;
  explicit SocketAddress(const sched::Endpoint& endpoint);

  // For a call that reads the address.
  [[nodiscard]] const sockaddr* get() const { return &address_.any; }
  [[nodiscard]] socklen_t size() const { return size_; }
  // For a call that stores one.
  [[nodiscard]] sockaddr* to_fill() { return &address_.any; }
  [[nodiscard]] socklen_t* size_to_fill() { return &size_; }

  // 0.0.0.0:0 where the address is of neither family.
  [[nodiscard]] sched::Endpoint endpoint() const;

 private:
  union Address {
    sockaddr_in6 ipv6;  // the largest, so that the whole is zero at first
    sockaddr_in ipv4;
    sockaddr any;
  };

  Address address_{};
  socklen_t size_ = sizeof(Address);
};

}  // namespace rehearsal::realnet
