// A reset overtakes the bytes that found no room in the window of the peer.
#include <array>
#include <cstddef>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

struct Learned {
  std::errc on_send{};
  std::size_t received = 0;
  std::errc on_recv{};
};

std::errc error_of(const std::system_error& error) {
  return static_cast<std::errc>(error.code().value());
}

// A server whose receive buffer has 1,000 bytes reads nothing for 10 s. A client sends 1,500 bytes
// and aborts its connection `after` that. Returns what the server learns when it sends and reads.
Learned learned(sched::Duration after) {
  World world;
  HostOptions small;
  small.recv_buffer = 1'000;
  Learned learned;
  world.host("server", small).daemon().spawn([&learned](ProgramHost& host) -> Task<> {
    auto listener = host.listen({"0.0.0.0", 7});
    auto client = co_await listener.accept();
    co_await sched::sleep_for(10s);
    std::vector<std::byte> bytes(2'000);
    try {
      co_await client->send_all(std::span(bytes).first(1));
    } catch (const std::system_error& error) {
      learned.on_send = error_of(error);
    }
    try {
      std::size_t size = 1;
      while (size != 0) {
        size = co_await client->recv(bytes);
        learned.received += size;
      }
    } catch (const std::system_error& error) {
      learned.on_recv = error_of(error);
    }
  });
  const sched::Endpoint to = world.host("server").endpoint(7);
  world.host("client").spawn([to, after](ProgramHost& host) -> Task<> {
    auto stream = co_await host.connect(to);
    co_await stream.send_all(pattern(1'500, 1));
    co_await sched::sleep_for(after);
    stream.abort();
  });
  world.run_for(20s);
  return learned;
}

void expect_reset(const Learned& learned) {
  EXPECT_EQ(learned.on_send, std::errc::connection_reset);
  EXPECT_EQ(learned.received, 1'000U);  // the window
  EXPECT_EQ(learned.on_recv, std::errc{});
}

TEST(ShutWindow, lets_a_reset_through_that_comes_later) { expect_reset(learned(1s)); }

TEST(ShutWindow, lets_a_reset_through_that_is_right_behind_the_bytes) { expect_reset(learned(0s)); }

}  // namespace
}  // namespace rehearsal::simnet
