#include "sched/seam/socket_address.hpp"

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

TEST(SocketAddress, holds_every_endpoint_and_returns_it) {
  for (const char* text : {"127.0.0.1:25000", "255.1.2.3:0", "[::1]:65535", "[fe80::1%3]:80",
                           "unix:/run/x.sock", "unix:@name", "unix:"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint.has_value()) << text;
    EXPECT_EQ(SocketAddress(*endpoint).endpoint(), *endpoint) << text;
  }
}

TEST(SocketAddress, is_in_network_order_and_as_long_as_its_family_says) {
  const SocketAddress ipv4(Endpoint("1.2.3.4", 258));
  EXPECT_EQ(ipv4.size(), sizeof(sockaddr_in));
  const auto* in = reinterpret_cast<const sockaddr_in*>(ipv4.get());
  EXPECT_EQ(in->sin_family, AF_INET);
  EXPECT_EQ(in->sin_port, htons(258));
  EXPECT_EQ(in->sin_addr.s_addr, htonl(0x01020304));

  const SocketAddress ipv6(Endpoint("fe80::1%3", 258));
  EXPECT_EQ(ipv6.size(), sizeof(sockaddr_in6));
  const auto* in6 = reinterpret_cast<const sockaddr_in6*>(ipv6.get());
  EXPECT_EQ(in6->sin6_family, AF_INET6);
  EXPECT_EQ(in6->sin6_port, htons(258));
  EXPECT_EQ(in6->sin6_scope_id, 3U);
}

TEST(SocketAddress, of_another_family_is_not_an_endpoint) {
  SocketAddress address;
  address.to_fill()->sa_family = AF_NETLINK;
  EXPECT_EQ(address.endpoint(), Endpoint());
}

}  // namespace
}  // namespace rehearsal::sched
