// One end of a TLS connection, without a network.
#include "sched/tls/session.hpp"

#include <algorithm>
#include <array>
#include <string_view>

#include <gtest/gtest.h>
#include <openssl/err.h>

#include "tests/sched/tls/tls_world.hpp"

namespace rehearsal::tls {
namespace {

using sched::Bytes;
using sched::ConstBytes;
using sched::Result;

// A wire to another end in this program.
class LocalWire final : public Wire {
 public:
  Result<std::size_t> recv(Bytes into) override {
    const std::size_t size = std::min(into.size(), arrived_.size());
    std::copy_n(arrived_.begin(), size, into.begin());
    arrived_.erase(arrived_.begin(), arrived_.begin() + static_cast<std::ptrdiff_t>(size));
    return size == 0 && !ended ? Result<std::size_t>(sched::would_block) : size;
  }
  Result<std::size_t> send(ConstBytes from) override {
    ++sends;
    if (error != std::errc{}) {
      return error;
    }
    other->arrived_.insert(other->arrived_.end(), from.begin(), from.end());
    return from.size();
  }

  LocalWire* other = nullptr;
  std::errc error{};   // of each send, if there is one
  bool ended = false;  // behind what has arrived
  int sends = 0;

 private:
  std::vector<std::byte> arrived_;
};

ConstBytes bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

class SessionTest : public testing::Test {
 protected:
  SessionTest() {
    to_server_.other = &to_client_;
    to_client_.other = &to_server_;
  }
  ~SessionTest() override { ERR_clear_error(); }

  static FromHost from_host() {
    FromHost from;
    from.time = simnet::WorldOptions().epoch;
    return from;
  }
  void shake_hands() {
    Result<> client_done = sched::would_block;
    Result<> server_done = sched::would_block;
    for (int turn = 0; turn < 10 && !(client_done.ok() && server_done.ok()); ++turn) {
      client_done = client_.handshake(to_server_);
      server_done = server_.handshake(to_client_);
    }
    ASSERT_TRUE(client_done.ok());
    ASSERT_TRUE(server_done.ok());
  }

  Session server_{server_context(), from_host()};
  Session client_{client_context(), "server", from_host()};
  LocalWire to_server_;
  LocalWire to_client_;
};

TEST_F(SessionTest, ends_its_handshake_with_the_error_of_a_send) {
  to_server_.error = std::errc::connection_reset;
  EXPECT_EQ(client_.handshake(to_server_).error(), std::errc::connection_reset);
}

TEST_F(SessionTest, sends_small_pieces_as_one_record) {
  shake_hands();
  to_server_.sends = 0;
  const std::array<ConstBytes, 3> pieces = {bytes("one "), bytes("two "), bytes("three")};
  std::size_t under_way = 0;
  std::uint64_t encrypted = 0;
  EXPECT_EQ(client_.send(to_server_, pieces, under_way, encrypted).value(), 13U);
  EXPECT_EQ(encrypted, 13U);
  EXPECT_EQ(to_server_.sends, 1);
  std::array<std::byte, 20> into{};
  const Result<std::size_t> received = server_.recv(to_client_, into);
  EXPECT_EQ(text(std::span(into).first(received.value())), "one two three");
}

TEST_F(SessionTest, is_not_misled_by_errors_that_others_left_with_openssl) {
  shake_hands();
  client_.finish(to_server_);
  ERR_raise(ERR_LIB_USER, ERR_R_INTERNAL_ERROR);
  std::array<std::byte, 20> into{};
  const Result<std::size_t> end = server_.recv(to_client_, into);
  EXPECT_TRUE(end.ok());
  EXPECT_EQ(end.value(), 0U);
}

TEST_F(SessionTest, leaves_no_errors_with_openssl) {
  EXPECT_FALSE(client_.update_keys());  // before the handshake
  EXPECT_EQ(ERR_peek_error(), 0U);
  to_server_.error = std::errc::connection_reset;
  EXPECT_EQ(client_.handshake(to_server_).error(), std::errc::connection_reset);
  EXPECT_EQ(ERR_peek_error(), 0U);
  to_client_.ended = true;
  EXPECT_FALSE(server_.handshake(to_client_).ok());
  EXPECT_EQ(ERR_peek_error(), 0U);
  // The alert about a message that is too long cannot be sent.
  to_client_.error = std::errc::broken_pipe;
  to_server_.error = {};
  EXPECT_TRUE(to_server_.send(bytes({"\x16\x03\x01\x00\x05\xff\xff\xff\xff\xff", 10})).ok());
  Session server(server_context(), from_host());
  EXPECT_EQ(server.handshake(to_client_).error(), std::errc::broken_pipe);
  EXPECT_EQ(ERR_peek_error(), 0U);
}

}  // namespace
}  // namespace rehearsal::tls
