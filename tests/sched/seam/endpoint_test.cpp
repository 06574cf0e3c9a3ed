#include "sched/seam/endpoint.hpp"

#include <string>
#include <string_view>
#include <system_error>

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

using namespace std::string_view_literals;
using Family = Endpoint::Family;

TEST(Endpoint, is_nowhere_by_default) { EXPECT_EQ(Endpoint().to_string(), "0.0.0.0:0"); }

TEST(Endpoint, reads_ipv4) {
  const auto endpoint = Endpoint::parse("127.0.0.1:25000");
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_EQ(endpoint->family(), Family::ipv4);
  EXPECT_EQ(endpoint->port(), 25000);
  EXPECT_EQ(endpoint->bytes(), (Endpoint::Bytes{127, 0, 0, 1}));
  EXPECT_EQ(*endpoint, Endpoint("127.0.0.1", 25000));
}

TEST(Endpoint, reads_ipv6_in_brackets) {
  const auto endpoint = Endpoint::parse("[2001:db8::7]:80");
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_EQ(endpoint->family(), Family::ipv6);
  EXPECT_EQ(endpoint->port(), 80);
  EXPECT_EQ(endpoint->bytes(),
            (Endpoint::Bytes{0x20, 0x01, 0x0d, 0xb8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 7}));
  EXPECT_EQ(*endpoint, Endpoint("2001:db8::7", 80));
}

TEST(Endpoint, reads_a_numeric_scope) {
  const auto endpoint = Endpoint::parse("[fe80::1%2]:80");
  ASSERT_TRUE(endpoint.has_value());
  EXPECT_EQ(endpoint->scope(), 2U);
  EXPECT_EQ(endpoint->to_string(), "[fe80::1%2]:80");
}

TEST(Endpoint, prints_what_it_reads) {
  for (const char* text : {"0.0.0.0:0", "255.255.255.255:65535", "[::]:0", "[::1]:25000",
                           "[2001:db8::1:0:0:1]:443", "[::ffff:192.0.2.1]:80"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint.has_value()) << text;
    EXPECT_EQ(endpoint->to_string(), text);
  }
}

TEST(Endpoint, prints_ipv6_in_its_one_canonical_form) {
  EXPECT_EQ(Endpoint("2001:0DB8:0:0:0:0:0:1", 0).address(), "2001:db8::1");
  EXPECT_EQ(Endpoint("2001:db8:0:1:1:1:1:1", 0).address(), "2001:db8:0:1:1:1:1:1");
  EXPECT_EQ(Endpoint("2001:db8:0:0:1:0:0:1", 0).address(), "2001:db8::1:0:0:1");
}

TEST(Endpoint, reads_and_prints_the_names_of_unix_sockets) {
  for (const char* text : {"unix:/run/x.sock", "unix:relative", "unix:@name", "unix:"}) {
    const auto endpoint = Endpoint::parse(text);
    ASSERT_TRUE(endpoint.has_value()) << text;
    EXPECT_EQ(endpoint->family(), Family::unix_socket);
    EXPECT_EQ(endpoint->to_string(), text);
    EXPECT_EQ(endpoint->port(), 0);
    EXPECT_EQ(endpoint->with_port(80), *endpoint);
    EXPECT_EQ(Address(*endpoint).to_string(), text);
    EXPECT_EQ(Endpoint::numeric(Address(*endpoint).host(), 0), endpoint);
  }
  EXPECT_EQ(Endpoint::parse("unix:/run/x.sock"), unix_path("/run/x.sock"));
  EXPECT_EQ(Endpoint::parse("unix:@name"), unix_abstract("name"));
  EXPECT_EQ(unix_abstract("name").unix_name(), "\0name"sv);
  EXPECT_EQ(unix_path("@name").to_string(), "unix:./@name");
}

TEST(Endpoint, takes_no_impossible_name_of_a_unix_socket) {
  const std::string longest(Endpoint::max_unix_name, 'a');
  EXPECT_EQ(unix_path(longest).unix_name(), longest);
  EXPECT_FALSE(Endpoint::parse("unix:" + longest + "a").has_value());
  EXPECT_FALSE(Endpoint::parse("unix:a\0b"sv).has_value());
  EXPECT_THROW(static_cast<void>(unix_path("")), std::system_error);
  EXPECT_THROW(static_cast<void>(unix_path("\0a"sv)), std::system_error);
  EXPECT_THROW(static_cast<void>(unix_path(longest + "a")), std::system_error);
  EXPECT_THROW(static_cast<void>(unix_abstract("")), std::system_error);
  EXPECT_THROW(static_cast<void>(unix_abstract(longest)), std::system_error);
}

TEST(Endpoint, is_copied_and_assigned_between_families) {
  Endpoint one = unix_path("/a");
  Endpoint other("127.0.0.1", 80);
  const Endpoint copy = one;
  one = other;
  EXPECT_EQ(one, Endpoint("127.0.0.1", 80));
  other = copy;
  EXPECT_EQ(other, unix_path("/a"));
  other = unix_path("/b");
  EXPECT_EQ(copy, unix_path("/a"));
  const Endpoint& self = other;
  other = self;
  EXPECT_EQ(other, unix_path("/b"));
  EXPECT_NE(unix_path("/a"), unix_abstract("/a"));
  EXPECT_LT(unix_path("/a"), unix_path("/b"));
  EXPECT_LT(Endpoint("255.255.255.255", 9), unix_path("/a"));
}

TEST(Endpoint, reads_nothing_that_is_not_an_address_and_a_port) {
  for (const std::string_view text : {""sv,
                                      ":"sv,
                                      "127.0.0.1"sv,
                                      "127.0.0.1:"sv,
                                      ":80"sv,
                                      "127.0.0.1:65536"sv,
                                      "127.0.0.1:-1"sv,
                                      "127.0.0.1:+1"sv,
                                      "127.0.0.1: 80"sv,
                                      "127.0.0.1:80x"sv,
                                      "127.0.0:80"sv,
                                      "127.0.0.256:80"sv,
                                      "localhost:80"sv,
                                      "::1:80"sv,
                                      "[::1]"sv,
                                      "[::1]80"sv,
                                      "[::1:80"sv,
                                      "[127.0.0.1]:80"sv,
                                      "[]:80"sv,
                                      "[::g]:80"sv,
                                      "[fe80::1%]:80"sv,
                                      "[fe80::1%eth0]:80"sv,
                                      "127.0.0.1%1:80"sv,
                                      "127.0.0.1\0:80"sv,
                                      "[::1\0]:80"sv,
                                      "127.0.0.1:80\0"sv}) {
    EXPECT_FALSE(Endpoint::parse(text).has_value()) << text;
  }
}

TEST(Endpoint, quotes_the_address_that_it_cannot_read) {
  try {
    const Endpoint endpoint("localhost", 80);
    ADD_FAILURE() << "no exception";
  } catch (const std::system_error& error) {
    EXPECT_EQ(error.code(), std::errc::invalid_argument);
    EXPECT_NE(std::string(error.what()).find("'localhost'"), std::string::npos);
  }
}

TEST(Endpoint, of_ipv4_has_four_bytes_that_count) {
  const Endpoint::Bytes with_rubbish{192, 0, 2, 1, 99, 98, 97};
  EXPECT_EQ(Endpoint(Family::ipv4, with_rubbish, 80), Endpoint("192.0.2.1", 80));
}

TEST(Endpoint, is_the_same_where_family_address_and_port_are) {
  const Endpoint endpoint("192.0.2.1", 80);
  EXPECT_EQ(endpoint, Endpoint("192.0.2.1", 80));
  EXPECT_NE(endpoint, Endpoint("192.0.2.1", 81));
  EXPECT_NE(endpoint, Endpoint("192.0.2.2", 80));
  EXPECT_NE(Endpoint("0.0.0.0", 80), Endpoint("::", 80));
  EXPECT_EQ(endpoint.with_port(81), Endpoint("192.0.2.1", 81));
}

TEST(Address, is_a_name_or_an_endpoint) {
  EXPECT_EQ(Address("example.org", 80).to_string(), "example.org:80");
  EXPECT_EQ(Address(Endpoint("192.0.2.1", 80)).to_string(), "192.0.2.1:80");
  EXPECT_EQ(Address(Endpoint("::1", 80)).to_string(), "[::1]:80");
  EXPECT_EQ(Address(Endpoint("::1", 80)).host(), "::1");
}

}  // namespace
}  // namespace rehearsal::sched
