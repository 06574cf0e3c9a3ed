#include "simnet/network/link.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Instant;
using sched::Task;

// Measures `rounds` echoes, without the connection setup.
Task<> time_echoes(ProgramHost& host, int rounds, std::size_t size, sched::Duration* took) {
  auto stream = co_await host.connect({"server", 7});
  const Instant start = host.now();
  std::vector<std::byte> heard(size);
  for (int i = 0; i < rounds; ++i) {
    const auto said = pattern(size, 1);
    co_await stream.send_all(said);
    co_await stream.recv_exactly(heard);
  }
  *took = host.now() - start;
}

World& add_timed(World& world, int rounds, std::size_t size, sched::Duration* took) {
  world.host("server").spawn(echo_server);
  world.host("client").spawn(
      [=](ProgramHost& host) { return time_echoes(host, rounds, size, took); });
  return world;
}

TEST(Link, has_a_latency) {
  WorldOptions options;
  options.link.latency = 5ms;
  World world(Policy::nominal(), options);
  sched::Duration took{};
  EXPECT_TRUE(add_timed(world, 10, 64, &took).run().ok());
  EXPECT_GE(took, 100ms);
  EXPECT_LT(took, 101ms);
}

TEST(Link, has_a_bandwidth) {
  WorldOptions options;
  options.link.bytes_per_second = 1'000'000;
  World world(Policy::nominal(), options);
  sched::Duration took{};
  EXPECT_TRUE(add_timed(world, 10, 10'000, &took).run().ok());
  EXPECT_GE(took, 200ms);
  EXPECT_LT(took, 210ms);
}

TEST(Link, with_jitter_takes_longer_under_a_random_policy_only) {
  WorldOptions options;
  options.link.jitter = 50ms;
  sched::Duration nominal{};
  World still(Policy::nominal(), options);
  EXPECT_TRUE(add_timed(still, 10, 64, &nominal).run().ok());
  sched::Duration took{};
  World world(Policy::random(1), options);
  EXPECT_TRUE(add_timed(world, 10, 64, &took).run().ok());
  EXPECT_GT(took, 100 * nominal);
}

TEST(Link, that_is_cut_delays_a_stream_until_it_heals) {
  World world;
  sched::Duration took{};
  add_timed(world, 10'000, 64, &took);
  world.at(100ms).partition("client", "server");
  world.at(10s).heal("client", "server");
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_GT(took, 10s);
  EXPECT_LT(took, 30s);
}

TEST(Link, that_is_cut_one_way_stops_both_ways_of_a_conversation) {
  World world;
  sched::Duration took{};
  add_timed(world, 10'000, 64, &took);
  world.at(100ms).partition_one_way("server", "client");
  world.at(10s).heal_all();
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_GT(took, 10s);
}

TEST(Link, that_holds_delivers_on_release) {
  World world;
  sched::Duration took{};
  add_timed(world, 10'000, 64, &took);
  world.at(100ms).hold("client", "server");
  world.at(10s).heal("client", "server");
  EXPECT_TRUE(world.run().ok());
  EXPECT_GT(took, 9s);
  EXPECT_LT(took, 13s);
}

TEST(Link, that_stays_cut_ends_in_a_timeout) {
  World world;
  sched::Duration took{};
  add_timed(world, 10'000, 64, &took);
  world.at(100ms).partition("client", "server");
  const RunReport report = world.run();
  EXPECT_EQ(report.end, WorldEnd::failed);
  EXPECT_THAT(report.failures, testing::ElementsAre(testing::Field(
                                   &Failure::what, testing::HasSubstr("timed out"))));
}

TEST(Link, loses_and_doubles_datagrams) {
  WorldOptions options;
  options.link.loss = 300'000;
  options.link.duplication = 200'000;
  World world(Policy::random(5), options);
  std::vector<int> seen(1000);
  world.host("hears").spawn([&seen](ProgramHost& host) -> Task<> {
    auto socket = host.bind({"0.0.0.0", 53});
    std::vector<std::byte> buffer(10);
    for (;;) {
      co_await socket.recv_from(buffer);
      const auto number =
          static_cast<std::size_t>(buffer[0]) * 256U + static_cast<std::size_t>(buffer[1]);
      ++seen.at(number);
    }
  });
  world.host("says").spawn([](ProgramHost& host) -> Task<> {
    auto socket = host.bind({"0.0.0.0", 0});
    for (unsigned i = 0; i < 1000; ++i) {
      const std::array bytes = {static_cast<std::byte>(i / 256), static_cast<std::byte>(i % 256)};
      co_await socket.send_to(bytes, {"10.0.0.1", 53});
      co_await sched::sleep_for(1ms);
    }
  });
  world.run_for(10s);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(seen, 0)), 300, 60);
  EXPECT_NEAR(static_cast<double>(std::ranges::count(seen, 2)), 140, 50);
  EXPECT_EQ(std::ranges::count_if(seen, [](int times) { return times > 2; }), 0);
}

}  // namespace
}  // namespace rehearsal::simnet
