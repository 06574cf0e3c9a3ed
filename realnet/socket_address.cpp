#include "realnet/socket_address.hpp"

#include <cstring>

namespace rehearsal::realnet {

using sched::Endpoint;

SocketAddress::SocketAddress(const Endpoint& endpoint) {
  if (endpoint.family() == Endpoint::Family::ipv4) {
    address_.ipv4 = sockaddr_in{};
    address_.ipv4.sin_family = AF_INET;
    address_.ipv4.sin_port = htons(endpoint.port());
    std::memcpy(&address_.ipv4.sin_addr, endpoint.bytes().data(), sizeof address_.ipv4.sin_addr);
    size_ = sizeof address_.ipv4;
  } else {
    address_.ipv6.sin6_family = AF_INET6;
    address_.ipv6.sin6_port = htons(endpoint.port());
    address_.ipv6.sin6_scope_id = endpoint.scope();
    std::memcpy(&address_.ipv6.sin6_addr, endpoint.bytes().data(), sizeof address_.ipv6.sin6_addr);
    size_ = sizeof address_.ipv6;
  }
}

Endpoint SocketAddress::endpoint() const {
  Endpoint::Bytes bytes{};
  if (address_.any.sa_family == AF_INET) {
    std::memcpy(bytes.data(), &address_.ipv4.sin_addr, sizeof address_.ipv4.sin_addr);
    return {Endpoint::Family::ipv4, bytes, ntohs(address_.ipv4.sin_port)};
  }
  if (address_.any.sa_family == AF_INET6) {
    std::memcpy(bytes.data(), &address_.ipv6.sin6_addr, sizeof address_.ipv6.sin6_addr);
    return {Endpoint::Family::ipv6, bytes, ntohs(address_.ipv6.sin6_port),
            address_.ipv6.sin6_scope_id};
  }
  return {};
}

}  // namespace rehearsal::realnet
