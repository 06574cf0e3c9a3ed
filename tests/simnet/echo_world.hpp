// A world in which clients talk to an echo server, used by many tests.
#pragma once

#include <chrono>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/supervisor.hpp"
#include "simnet/scenario.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {

using namespace std::chrono_literals;
using ProgramHost = sched::Host<SimulatedNetwork>;

inline sched::Task<> echo_session(sched::Stream<SimulatedNetwork> client) {
  std::vector<std::byte> buffer(4096);
  for (;;) {
    const std::size_t size = co_await client.recv(buffer);
    if (size == 0) {
      co_return;
    }
    co_await client.send_all(std::span(buffer).first(size));
  }
}

inline sched::Task<> echo_server(ProgramHost& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    const std::string name = client->name();
    sessions.spawn(name, echo_session(std::move(*client)));
  }
}

inline std::vector<std::byte> pattern(std::size_t size, std::uint32_t seed) {
  std::vector<std::byte> bytes(size);
  for (std::byte& byte : bytes) {
    seed = seed * 1664525U + 1013904223U;
    byte = static_cast<std::byte>(seed >> 24U);
  }
  return bytes;
}

// Sends `rounds` messages of `size` bytes, one after the other, and expects each back.
inline sched::Task<> echo_client(ProgramHost& host, std::string server, int rounds,
                                 std::size_t size) {
  auto stream = co_await host.connect({server, 7});
  std::vector<std::byte> heard(size);
  for (int round = 0; round < rounds; ++round) {
    const auto said = pattern(size, static_cast<std::uint32_t>(round));
    co_await stream.send_all(said);
    const std::size_t got = co_await stream.recv_exactly(heard);
    EXPECT_EQ(got, size);
    EXPECT_TRUE(heard == said);
  }
}

// Adds the hosts "server" and "client-0" to "client-N".
inline void add_echo(World& world, int clients, int rounds, std::size_t size = 64) {
  world.host("server").spawn([](ProgramHost& host) { return echo_server(host); });
  for (int i = 0; i < clients; ++i) {
    world.host("client-" + std::to_string(i)).spawn([=](ProgramHost& host) {
      return echo_client(host, "server", rounds, size);
    });
  }
}

inline Scenario three_echo_clients() {
  return {"echo", "Three clients", [](World& world) { add_echo(world, 3, 5); }};
}

}  // namespace rehearsal::simnet
