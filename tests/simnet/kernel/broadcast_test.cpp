// Broadcast datagrams reach the hosts of a world, each over its own link.
#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Endpoint;
using sched::Task;
using testing::ElementsAre;

// What each host has heard, as "TEXT from ADDRESS".
using HeardByHost = std::map<std::string, std::vector<std::string>>;

Task<> listen_at(ProgramHost& host, std::string address, std::vector<std::string>& heard) {
  auto socket = host.bind({address, 9});
  std::array<char, 16> buffer{};
  for (;;) {
    const sched::Received received = co_await socket.recv_from(buffer);
    heard.push_back(std::string(buffer.data(), received.size) + " from " + received.from.address());
  }
}

Task<> send_to_all(ProgramHost& host, Endpoint to, std::string text) {
  sched::BindOptions options;
  options.broadcast = true;
  auto socket = host.bind({"0.0.0.0", 0}, options);
  co_await socket.send_to(text, to);
}

class Broadcast : public testing::Test {
 protected:
  void add_listener(const std::string& name, const std::string& address = "0.0.0.0") {
    world_.host(name).spawn(
        [&, address, name](ProgramHost& host) { return listen_at(host, address, heard_[name]); });
  }
  void send(const std::string& name, const Endpoint& to, std::string text = "hello") {
    world_.host(name).spawn([to, text](ProgramHost& host) { return send_to_all(host, to, text); });
  }

  HeardByHost heard_;
  World world_;
};

TEST_F(Broadcast, reaches_every_host_and_the_sender) {
  for (const char* name : {"a", "b", "c"}) {
    add_listener(name);
  }
  send("a", {"255.255.255.255", 9}, "to all");
  send("b", {"10.255.255.255", 9}, "to the subnet");
  world_.run_for(1s);
  for (const char* name : {"a", "b", "c"}) {
    std::ranges::sort(heard_[name]);
    EXPECT_THAT(heard_[name], ElementsAre("to all from 10.0.0.1", "to the subnet from 10.0.0.2"))
        << name;
  }
}

TEST_F(Broadcast, on_the_loopback_network_stays_on_the_host) {
  add_listener("a");
  add_listener("b");
  send("a", {"127.255.255.255", 9});
  world_.run_for(1s);
  EXPECT_THAT(heard_["a"], ElementsAre("hello from 127.0.0.1"));
  EXPECT_THAT(heard_["b"], ElementsAre());
}

TEST_F(Broadcast, is_not_for_a_socket_of_one_address_or_another_port) {
  add_listener("a");
  add_listener("b", "10.0.0.2");
  send("a", {"10.255.255.255", 9});
  send("a", {"10.255.255.255", 10});
  world_.run_for(1s);
  EXPECT_THAT(heard_["a"], ElementsAre("hello from 10.0.0.1"));
  EXPECT_THAT(heard_["b"], ElementsAre());
}

TEST_F(Broadcast, does_not_cross_a_partition) {
  for (const char* name : {"a", "b", "c"}) {
    add_listener(name);
  }
  world_.partition("a", "b");
  send("a", {"255.255.255.255", 9});
  world_.run_for(1s);
  EXPECT_THAT(heard_["b"], ElementsAre());
  EXPECT_THAT(heard_["c"], ElementsAre("hello from 10.0.0.1"));
}

// The copy for one host is lost, and the others are not: each has a choice of its own.
TEST(BroadcastChoices, lose_the_copy_of_one_host) {
  std::map<std::size_t, int> times_heard_by;  // by how many of the three hosts heard it
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    HeardByHost heard;
    WorldOptions options;
    options.link.loss = 300'000;
    World world(Policy::random(seed), options);
    for (const char* name : {"a", "b", "c"}) {
      world.host(name).spawn(
          [&, name](ProgramHost& host) { return listen_at(host, "0.0.0.0", heard[name]); });
    }
    world.host("d").spawn(
        [](ProgramHost& host) { return send_to_all(host, {"255.255.255.255", 9}, "hello"); });
    world.run_for(1s);
    std::size_t hosts = 0;
    for (const auto& [name, lines] : heard) {
      hosts += lines.empty() ? 0U : 1U;
    }
    ++times_heard_by[hosts];
  }
  EXPECT_GT(times_heard_by[1], 0);
  EXPECT_GT(times_heard_by[2], 0);
  EXPECT_GT(times_heard_by[3], 0);
}

}  // namespace
}  // namespace rehearsal::simnet
