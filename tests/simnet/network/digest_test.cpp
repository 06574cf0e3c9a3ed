// The digest of a run is the same in every build. A difference on another compiler or optimisation
// level means a dependence on something outside the schedule.
#include "simnet/network/digest.hpp"

#include <array>
#include <csignal>
#include <vector>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

std::uint64_t digest_of(const Policy& policy) {
  World world(policy);
  add_echo(world, 4, 20, 300);
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  return report.digest;
}

TEST(Digest, of_these_runs_is_known) {
  EXPECT_EQ(digest_of(Policy::nominal()), 2020163744631484308U);
  constexpr std::array<std::uint64_t, 4> of_seed = {13251852733873172067U, 14627546376374082650U,
                                                    16880955890504223085U, 7266841688250445938U};
  for (std::uint64_t seed = 0; seed < of_seed.size(); ++seed) {
    EXPECT_EQ(digest_of(Policy::random(seed)), of_seed[seed]) << "seed " << seed;
  }
}

// Calls what no echo server calls: of each operation of a host, one at least.
void add_every_other_call(World& world) {
  world.host("a").spawn("events", [](ProgramHost& host) -> sched::Task<> {
    auto signals = host.signals({SIGTERM});
    auto inbox = host.inbox("control");
    const auto found = co_await host.resolve("b");
    co_await host.run_blocking([] {});
    static_cast<void>(host.random());
    static_cast<void>(host.choose("which", 3));
    const int number = co_await signals.next();
    EXPECT_EQ(number, SIGTERM);
    const sched::Message message = co_await inbox.recv();
    auto socket = host.bind({"0.0.0.0", 0});
    co_await socket.send_to(message, found.front().with_port(9));
  });
  world.host("b").spawn("sockets", [](ProgramHost& host) -> sched::Task<> {
    auto socket = host.bind({"0.0.0.0", 9});
    std::vector<std::byte> bytes(10);
    const sched::Received received = co_await socket.recv_from(bytes);
    socket.set_peer(received.from);
    auto listener = host.listen(sched::unix_path("/run/x.sock"));
    auto stream = co_await host.connect(sched::unix_path("/run/x.sock"));
    co_await stream.send_all(std::span(bytes).first(received.size));
    stream.shutdown_send();
    auto accepted = co_await listener.accept();
    const std::size_t size = co_await accepted->recv(bytes);
    EXPECT_EQ(size, 3U);
    auto other = host.listen({"0.0.0.0", 7});
    auto tcp = co_await host.connect({"b", 7});
    tcp.abort();
  });
  world.at(1s).raise("a", SIGTERM).post("a", "control", sched::Message(3));
}

TEST(Digest, of_every_other_call_is_known) {
  World world(Policy::random(1));
  add_every_other_call(world);
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_EQ(report.digest, 4041538578495167927U);
}

// Values that this code gave; every way in which it handles a length is among them.
TEST(Digest, of_bytes_is_known) {
  const auto bytes = pattern(600, 1);
  const auto hash = [&bytes](std::size_t size) {
    return sched::hash_bytes(std::span(bytes).first(size));
  };
  EXPECT_EQ(hash(0), 0x24d61366672c9fae);
  EXPECT_EQ(hash(5), 0xc8031622e447742f);
  EXPECT_EQ(hash(33), 0xf0d54d1d64583c5c);
  EXPECT_EQ(hash(100), 0x4009cf2bc6c83c43);
  EXPECT_EQ(hash(255), 0xbd5d5195f720b3ae);
  EXPECT_EQ(hash(256), 0xee5b828bd0e05a0b);
  EXPECT_EQ(hash(600), 0xb7088d6d3a0ef695);
  Digest digest;
  digest.add(1, 2, 3, 4);
  digest.add(5, 6, 7, 8);
  EXPECT_EQ(digest.value(), 857844304887479166U);
}

TEST(Digest, takes_in_the_bytes_that_are_sent) {
  const auto one = pattern(600, 1);
  // Short sizes first, then longer ones that are hashed in bigger pieces.
  for (std::size_t size = 0; size <= one.size(); size += size < 100 ? 1 : 49) {
    const auto bytes = std::span(one).first(size);
    for (std::size_t i = 0; i < size; ++i) {
      auto changed = one;
      changed[i] ^= std::byte{1};
      EXPECT_NE(sched::hash_bytes(bytes), sched::hash_bytes(std::span(changed).first(size)));
    }
  }
}

}  // namespace
}  // namespace rehearsal::simnet
