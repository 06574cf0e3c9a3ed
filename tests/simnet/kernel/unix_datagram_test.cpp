// The limits of a Unix datagram socket, to the byte.
#include <array>
#include <cstddef>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/kernel/kernel.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Descriptor;
using sched::Readiness;

constexpr std::size_t overhead = 768;  // of each datagram, in the send buffer

// A receiver, and a sender whose peer it is.
class UnixDatagrams : public testing::Test {
 protected:
  static HostOptions options() {
    HostOptions options;
    options.send_buffer = 4'000;
    options.unix_datagrams = 2;
    return options;
  }
  Descriptor bound(const sched::Endpoint& at) { return kernel_.bind(at, {}).value(); }
  std::errc send(std::size_t size) {
    const std::vector<std::byte> bytes(size);
    const std::array<sched::ConstBytes, 1> pieces = {bytes};
    return kernel_.send(sender_, pieces).error();
  }
  void recv() {
    std::array<std::byte, 1> into{};
    EXPECT_TRUE(kernel_.recv_from(receiver_, into).ok());
  }
  [[nodiscard]] bool is_writable() const {
    return sched::any(kernel_.probe(sender_).value(), Readiness::send);
  }

  Fabric fabric_{Choices(Policy::nominal())};
  Kernel kernel_{fabric_, "host", options()};
  sched::Endpoint path_ = sched::unix_path("/run/x.sock");
  Descriptor receiver_ = bound(path_);
  Descriptor sender_ = bound(sched::unix_unnamed());
};

TEST_F(UnixDatagrams, are_writable_while_a_quarter_of_the_buffer_at_most_is_unread) {
  ASSERT_TRUE(kernel_.set_peer(sender_, path_).ok());
  EXPECT_TRUE(is_writable());
  EXPECT_EQ(send(1'000 - overhead), std::errc{});
  EXPECT_TRUE(is_writable());
  recv();
  EXPECT_EQ(send(1'000 - overhead + 1), std::errc{});
  EXPECT_FALSE(is_writable());
  recv();
  EXPECT_TRUE(is_writable());
}

TEST_F(UnixDatagrams, that_fit_the_buffer_exactly_are_sent) {
  ASSERT_TRUE(kernel_.set_peer(sender_, path_).ok());
  EXPECT_EQ(send(4'000 - 32 + 1), std::errc::message_size);
  EXPECT_EQ(send(4'000 - 32), std::errc{});
  EXPECT_EQ(send(1), sched::would_block);
  recv();
  EXPECT_EQ(send(4'000 - 2 * overhead), std::errc{});
  EXPECT_EQ(send(0), std::errc{});  // 768 bytes were left
  EXPECT_EQ(send(0), sched::would_block);
}

TEST_F(UnixDatagrams, of_a_full_queue_wait_for_room_in_it) {
  ASSERT_TRUE(kernel_.set_peer(sender_, path_).ok());
  EXPECT_EQ(send(0), std::errc{});
  EXPECT_EQ(send(0), std::errc{});
  EXPECT_EQ(send(0), std::errc{});  // one more than the limit, as in Linux
  EXPECT_EQ(send(0), sched::would_block);
  EXPECT_FALSE(is_writable());
  recv();
  EXPECT_EQ(send(0), std::errc{});
}

TEST_F(UnixDatagrams, are_named_after_their_path_or_their_abstract_name) {
  const auto name = [this](Descriptor descriptor) {
    return kernel_.find<UnixSocket>(descriptor, OpenFile::Kind::unix_socket)->name();
  };
  EXPECT_EQ(name(receiver_), "host:unixgram:/run/x.sock");
  EXPECT_EQ(name(sender_), "host:unixgram:");
  EXPECT_EQ(name(bound(sched::unix_abstract("y"))), "host:unixgram:@y");
}

// unix(7): what waits is dropped when the peer changes, and its sender gets an error.
TEST_F(UnixDatagrams, that_are_dropped_by_a_change_of_peer_fail_the_next_call_of_their_sender) {
  const sched::Endpoint other = sched::unix_path("/run/y.sock");
  const sched::Endpoint third = sched::unix_path("/run/z.sock");
  const Descriptor server = bound(other);
  bound(third);
  ASSERT_TRUE(kernel_.set_peer(server, path_).ok());
  ASSERT_TRUE(kernel_.set_peer(receiver_, other).ok());
  const std::array<std::byte, 1> byte{};
  const std::array<sched::ConstBytes, 1> pieces = {byte};
  ASSERT_TRUE(kernel_.send(receiver_, pieces).ok());
  ASSERT_TRUE(kernel_.set_peer(server, third).ok());
  EXPECT_TRUE(sched::any(kernel_.probe(receiver_).value(), Readiness::error));
  EXPECT_EQ(kernel_.send(receiver_, pieces).error(), std::errc::connection_reset);
  EXPECT_EQ(kernel_.send(receiver_, pieces).error(), std::errc::operation_not_permitted);
}

// A sender that waits for room learns at its next send that there is no peer any more.
TEST_F(UnixDatagrams, wake_their_sender_when_the_peer_closes) {
  ASSERT_TRUE(kernel_.set_peer(sender_, path_).ok());
  sched::ReadyList ready;
  kernel_.wait(sched::never, ready);
  ready.clear();
  kernel_.close(receiver_);
  kernel_.wait(sched::never, ready);
  ASSERT_EQ(ready.size(), 1U);
  EXPECT_EQ(ready.begin()->descriptor, sender_);
  EXPECT_EQ(ready.begin()->what, Readiness::send);
  EXPECT_EQ(send(1), std::errc::connection_refused);
}

TEST(UnixDatagramsOfAWorld, are_not_there_yet_by_choice) {
  World world({{{Site::again, "a:unixgram:/run/x.sock", 0}, 1}});
  std::size_t size = 0;
  world.host("a").spawn("main", [&size](ProgramHost& host) -> sched::Task<> {
    auto socket = host.bind(sched::unix_path("/run/x.sock"));
    const std::array<std::byte, 3> word{};
    co_await socket.send_to(word, sched::unix_path("/run/x.sock"));
    std::array<std::byte, 10> into{};
    const sched::Received received = co_await socket.recv_from(into);
    size = received.size;
  });
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(world.choices().not_applied().empty());
  EXPECT_EQ(world.choices().count(Site::again).mattered, 1U);
  EXPECT_EQ(size, 3U);
}

}  // namespace
}  // namespace rehearsal::simnet
