#include "sched/seam/socket_address.hpp"

#include <algorithm>
#include <cstddef>
#include <cstring>
#include <string_view>

namespace rehearsal::sched {

namespace {

constexpr socklen_t unix_header = offsetof(sockaddr_un, sun_path);

}  // namespace

SocketAddress::SocketAddress(const sockaddr* address, socklen_t size) : SocketAddress() {
  if (size >= sizeof(sa_family_t) && size <= sizeof address_) {
    std::memcpy(&address_, address, size);
    size_ = size;
  }
}

SocketAddress::SocketAddress(const Endpoint& endpoint) {
  switch (endpoint.family()) {
    case Endpoint::Family::ipv4:
      address_.ipv4 = sockaddr_in{};
      address_.ipv4.sin_family = AF_INET;
      address_.ipv4.sin_port = htons(endpoint.port());
      std::memcpy(&address_.ipv4.sin_addr, endpoint.bytes().data(), sizeof address_.ipv4.sin_addr);
      size_ = sizeof address_.ipv4;
      break;
    case Endpoint::Family::ipv6:
      address_.ipv6 = sockaddr_in6{};
      address_.ipv6.sin6_family = AF_INET6;
      address_.ipv6.sin6_port = htons(endpoint.port());
      address_.ipv6.sin6_scope_id = endpoint.scope();
      std::memcpy(&address_.ipv6.sin6_addr, endpoint.bytes().data(),
                  sizeof address_.ipv6.sin6_addr);
      size_ = sizeof address_.ipv6;
      break;
    case Endpoint::Family::unix_socket: {
      const std::string& name = endpoint.unix_name();
      address_.unix_socket.sun_family = AF_UNIX;
      name.copy(address_.unix_socket.sun_path, sizeof address_.unix_socket.sun_path);
      size_ = unix_header + static_cast<socklen_t>(name.size());
      break;
    }
  }
}

Endpoint SocketAddress::endpoint() const {
  Endpoint::Bytes bytes{};
  if (size_ == 0) {
    return unix_unnamed();
  }
  switch (address_.any.sa_family) {
    case AF_INET:
      std::memcpy(bytes.data(), &address_.ipv4.sin_addr, sizeof address_.ipv4.sin_addr);
      return {Endpoint::Family::ipv4, bytes, ntohs(address_.ipv4.sin_port)};
    case AF_INET6:
      std::memcpy(bytes.data(), &address_.ipv6.sin6_addr, sizeof address_.ipv6.sin6_addr);
      return {Endpoint::Family::ipv6, bytes, ntohs(address_.ipv6.sin6_port),
              address_.ipv6.sin6_scope_id};
    case AF_UNIX: {
      // The size counts the null byte that ends a path, also if there was no room for it.
      const auto& path = address_.unix_socket.sun_path;
      const std::size_t size = std::min<std::size_t>(size_ - unix_header, sizeof path);
      const std::string_view name(static_cast<const char*>(path), size);
      const bool abstract = name.starts_with('\0');
      return Endpoint::of_unix(abstract ? name : name.substr(0, name.find('\0')));
    }
    default:
      return {};
  }
}

}  // namespace rehearsal::sched
