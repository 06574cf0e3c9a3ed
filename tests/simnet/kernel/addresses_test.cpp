#include "simnet/kernel/addresses.hpp"

#include <gtest/gtest.h>

namespace rehearsal::simnet {
namespace {

using sched::Endpoint;

TEST(Addresses, of_ipv4_are_mapped_to_ipv6) {
  EXPECT_EQ(mapped({"10.1.2.3", 7}), Endpoint("::ffff:10.1.2.3", 7));
}

TEST(Addresses, of_the_loopback_network_are_127_and_one_of_ipv6) {
  for (const char* address : {"127.0.0.1", "127.1.2.3", "::1"}) {
    EXPECT_TRUE(is_loopback({address, 0})) << address;
  }
  for (const char* address : {"126.0.0.1", "128.0.0.1", "::", "::2", "7f00::1"}) {
    EXPECT_FALSE(is_loopback({address, 0})) << address;
  }
}

TEST(Addresses, of_broadcasts_are_the_last_of_each_network_of_a_host) {
  for (const char* address : {"255.255.255.255", "10.255.255.255", "127.255.255.255"}) {
    EXPECT_TRUE(is_broadcast({address, 0})) << address;
  }
  for (const char* address :
       {"11.255.255.255", "10.254.255.255", "10.255.254.255", "10.255.255.254", "aff:ffff::"}) {
    EXPECT_FALSE(is_broadcast({address, 0})) << address;
  }
}

TEST(Addresses, of_hosts_are_those_of_10) {
  EXPECT_TRUE(is_of_simulated_network({"10.200.0.1", 0}));
  EXPECT_FALSE(is_of_simulated_network({"11.0.0.1", 0}));
  EXPECT_FALSE(is_of_simulated_network({"a00::1", 0}));
}

TEST(Addresses, that_are_a_wildcard_mean_the_own_host) {
  EXPECT_EQ(meant_by({"0.0.0.0", 7}), Endpoint("127.0.0.1", 7));
  EXPECT_EQ(meant_by({"::", 7}), Endpoint("::1", 7));
  EXPECT_EQ(meant_by({"10.0.0.1", 7}), Endpoint("10.0.0.1", 7));
}

TEST(Addresses, clash_if_one_socket_would_receive_what_is_for_the_other) {
  const Endpoint any{"0.0.0.0", 7};
  const Endpoint any6{"::", 7};
  const Endpoint one{"10.0.0.1", 7};
  EXPECT_TRUE(clash(one, false, one, false));
  EXPECT_FALSE(clash(one, false, {"10.0.0.2", 7}, false));
  EXPECT_FALSE(clash(one, false, {"10.0.0.1", 8}, false));
  EXPECT_TRUE(clash(any, false, one, false));
  EXPECT_TRUE(clash(one, false, any, false));
  EXPECT_TRUE(clash(any6, false, one, false));
  EXPECT_FALSE(clash(any6, true, one, false));
  EXPECT_FALSE(clash(one, false, any6, true));
  EXPECT_FALSE(clash(any, false, {"::1", 7}, false));
  EXPECT_TRUE(clash(any6, true, {"::1", 7}, false));
}

}  // namespace
}  // namespace rehearsal::simnet
