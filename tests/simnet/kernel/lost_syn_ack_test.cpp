// A client whose SYN-ACK is lost sends its SYN again, whatever happened to the server meanwhile.
#include <chrono>
#include <string>
#include <string_view>

#include <gtest/gtest.h>

#include "simnet/kernel/kernel.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;
using ProgramHost = sched::Host<SimulatedNetwork>;

sched::Task<> serve(ProgramHost& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  for (;;) {
    auto client = co_await listener.accept();
    co_await client->send_all("hello\n");
  }
}

sched::Task<> talk(ProgramHost& host, std::string& heard, sched::Duration& at) {
  try {
    auto server = co_await host.connect({"server", 7});
    heard = co_await server.recv_until("\n", 10);
  } catch (const std::system_error& error) {
    heard = error.code().message();
  }
  at = host.now().time_since_epoch();
}

struct Client {
  std::string heard;
  sched::Duration at{};
};

// The SYN arrives; the SYN-ACK is lost. `ends` ends the server then, and it restarts if `restarts`.
Client client_of(void (SimulatedHost::*ends)(), bool restarts) {
  World world;
  Client client;
  world.host("server").spawn("serve", serve);
  world.host("client").spawn(
      "talk", [&](ProgramHost& host) { return talk(host, client.heard, client.at); });
  world.partition_one_way("server", "client");
  world.at(9ms).heal("server", "client");
  if (ends != nullptr) {
    world.at(40ms).run([&world, ends] {
      SimulatedHost& server = world.host("server");
      (server.*ends)();
      EXPECT_EQ(server.kernel().timers().next(), sched::never);  // it waits for no client
    });
  }
  if (restarts) {
    world.at(60ms).restart("server");
  }
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  return client;
}

TEST(LostSynAck, is_sent_again) {
  const Client client = client_of(nullptr, false);
  EXPECT_EQ(client.heard, "hello\n");
  EXPECT_LT(client.at, 1100ms);
}

TEST(LostSynAck, of_a_killed_server_is_followed_by_that_of_the_next_process) {
  const Client client = client_of(&SimulatedHost::kill, true);
  EXPECT_EQ(client.heard, "hello\n");
  EXPECT_GT(client.at, 1s);
  EXPECT_LT(client.at, 1100ms);
}

TEST(LostSynAck, of_a_killed_server_is_followed_by_a_refusal) {
  const Client client = client_of(&SimulatedHost::kill, false);
  EXPECT_EQ(client.heard, "Connection refused");
  EXPECT_LT(client.at, 1100ms);
}

TEST(LostSynAck, of_a_host_without_power_is_followed_by_that_of_the_next_boot) {
  const Client client = client_of(&SimulatedHost::power_off, true);
  EXPECT_EQ(client.heard, "hello\n");
  EXPECT_GT(client.at, 1s);
  EXPECT_LT(client.at, 1100ms);
}

}  // namespace
}  // namespace rehearsal::simnet
