#include "sched/io/datagram.hpp"

#include <array>
#include <cstddef>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "tests/sched/scripted_test.hpp"

namespace rehearsal::sched {
namespace {

using simnet::ScriptedNetwork;

class DatagramTest : public ScriptedHostTest {
 protected:
  static constexpr Descriptor descriptor = 4;

  // REQUIRES: the network's own script is in place.
  Datagram<ScriptedNetwork> bind() {
    network_.script(descriptor, script_);
    return host_.bind(Endpoint());
  }
  // Receives one datagram into `room` bytes, and records it.
  Task<Received> receive(Datagram<ScriptedNetwork>& socket, std::size_t room) {
    std::vector<std::byte> into(room);
    const Received received = co_await socket.recv_from(into);
    log_.push_back(text(ConstBytes(into).first(received.size)));
    co_return received;
  }

  simnet::ScriptedSocket script_;
};

TEST_F(DatagramTest, receives_one_datagram_at_a_time) {
  script_.receives = {"one", "two"};
  auto socket = bind();
  run(receive(socket, 10));
  run(receive(socket, 10));
  EXPECT_EQ(log_, (Log{"one", "two"}));
}

// A short datagram does not mean that none follow, and the source may never report those.
TEST_F(DatagramTest, continues_after_a_short_one_without_waiting_until_a_call_would_block) {
  network_ = ScriptedNetwork({finds({readable(descriptor)})});
  script_.receives = {"1", "2", would_block, "3"};
  auto socket = bind();
  host_.spawn([&]() -> Task<> {
    for (;;) {
      co_await receive(socket, 10);
    }
  });
  EXPECT_EQ(host_.run(), RunEnd::quiescent);
  EXPECT_EQ(log_, (Log{"1", "2", "3"}));
}

TEST_F(DatagramTest, says_when_one_did_not_fit) {
  script_.receives = {"too long", "fits"};
  auto socket = bind();
  const Received cut = run(receive(socket, 4));
  EXPECT_TRUE(cut.truncated());
  EXPECT_EQ(cut.full_size, 8U);
  const Received whole = run(receive(socket, 4));
  EXPECT_FALSE(whole.truncated());
  EXPECT_EQ(log_, (Log{"too ", "fits"}));
}

TEST_F(DatagramTest, takes_an_empty_one_for_a_datagram_and_not_for_the_end) {
  script_.receives = {"", "next"};
  auto socket = bind();
  EXPECT_EQ(run(receive(socket, 10)).full_size, 0U);
  run(receive(socket, 10));
  EXPECT_EQ(log_, (Log{"", "next"}));
}

TEST_F(DatagramTest, sends_when_there_is_room) {
  network_ = ScriptedNetwork({finds({writable(descriptor)})});
  script_.sends = {0U};
  auto socket = bind();
  run([&]() -> Task<> { co_await socket.send_to(bytes("hello"), Endpoint("192.0.2.1", 53)); });
  EXPECT_EQ(network_.record(descriptor).sent, "hello");
}

TEST_F(DatagramTest, throws_what_the_network_met) {
  script_.receives = {std::errc::connection_refused};
  script_.sends = {std::errc::message_size};
  auto socket = bind();
  EXPECT_EQ(run(failure_of(receive(socket, 10))), std::errc::connection_refused);
  EXPECT_EQ(run(failure_of(socket.send_to(bytes("too long"), Endpoint()))),
            std::errc::message_size);
}

TEST_F(DatagramTest, is_closed_when_it_is_gone) {
  {
    const auto socket = bind();
  }
  EXPECT_TRUE(network_.record(descriptor).closed);
}

TEST_F(DatagramTest, moves_characters_as_it_moves_bytes) {
  script_.receives = {"text"};
  auto socket = bind();
  const auto body = [&]() -> Task<> {
    std::array<char, 10> buffer{};
    const Received received = co_await socket.recv_from(buffer);
    log_.emplace_back(buffer.data(), received.size);
    co_await socket.send_to("to ", Endpoint("192.0.2.1", 80));
    socket.set_peer(Endpoint("192.0.2.1", 80));
    co_await socket.send(std::string("the peer"));
  };
  run(body());
  EXPECT_EQ(log_, Log{"text"});
  EXPECT_EQ(network_.record(descriptor).sent, "to the peer");
}

}  // namespace
}  // namespace rehearsal::sched
