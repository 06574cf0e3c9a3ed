#include "harness/report/page/deliveries.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <fmt/format.h>
#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using simnet::Deviation;
using simnet::Site;
using Host = sched::Host<simnet::SimulatedNetwork>;

// Returns what was sent and received: a line "KIND HOST:OP -> HOST:OP +BYTES" for each delivery.
std::vector<std::string> lines_of(const simnet::Scenario& scenario,
                                  const std::vector<Deviation>& deviations) {
  simnet::HistoryRecorder recorder;
  const std::array<simnet::RunWatcher*, 1> watchers = {&recorder};
  const simnet::RunResult result =
      simnet::replay_scenario(scenario, {scenario.name, 1, deviations}, watchers);
  EXPECT_TRUE(result.report.ok());
  EXPECT_TRUE(result.not_applied.empty());
  const auto event = [&](std::uint64_t number) {
    const simnet::NumberedEvent* one = recorder.history().find(number);
    return one == nullptr ? std::string("none")
                          : fmt::format("{}:{}", one->event.host, one->event.op_name());
  };
  std::vector<std::string> lines;
  for (const Delivery& one : deliveries_of(recorder.history())) {
    lines.push_back(fmt::format("{} {} -> {} {}+{}", name(one.kind), event(one.from), event(one.to),
                                one.begin, one.bytes));
  }
  return lines;
}

sched::Task<> serve_once(Host& host) {
  auto listener = host.listen({"0.0.0.0", 7});
  auto client = co_await listener.accept();
  std::vector<std::byte> two(2);
  co_await client->recv_exactly(two);
  const std::string answer = "yes";
  co_await client->send_all(answer);
  co_await sched::sleep_for(1ms);
}

sched::Task<> ask_once(Host& host) {
  auto server = co_await host.connect({"server", 7});
  const std::string question = "hi";
  co_await server.send_all(question);
  std::vector<std::byte> three(3);
  co_await server.recv_exactly(three);
  server.close();
  co_await sched::sleep_for(2ms);
}

TEST(Deliveries, pair_what_a_connection_sends_with_its_arrival) {
  const simnet::Scenario scenario("asks", "", [](simnet::World& world) {
    world.host("server").spawn("serve", [](Host& host) { return serve_once(host); });
    world.host("client").spawn("ask", [](Host& host) { return ask_once(host); });
  });
  EXPECT_EQ(
      lines_of(scenario, {}),
      (std::vector<std::string>{
          "connect client:connect -> server:accept 0+0", "data client:send -> server:deliver 0+2",
          "data server:send -> client:deliver 0+3", "fin client:close -> server:deliver 2+0"}));
}

TEST(Deliveries, end_the_connections_of_a_host_that_crashes) {
  const simnet::Scenario scenario("crashes", "", [](simnet::World& world) {
    world.host("server").spawn("serve", [](Host& host) { return serve_once(host); });
    world.host("client").spawn("ask", [](Host& host) -> sched::Task<> {
      auto server = co_await host.connect({"server", 7});
      co_await sched::sleep_for(1s);
      server.close();
    });
    world.at(1ms, [&world] { world.host("server").kill(); });
  });
  EXPECT_EQ(lines_of(scenario, {}).at(1), "fin server:crash -> client:deliver 0+0");
}

sched::Task<> send_two(Host& host) {
  auto socket = host.bind({"0.0.0.0", 0});
  const std::vector<sched::Endpoint> to = co_await host.resolve("server");
  const std::string same = "beat";
  co_await socket.send_to(same, to.front().with_port(9));
  co_await sched::sleep_for(5ms);
  co_await socket.send_to(same, to.front().with_port(9));
  co_await sched::sleep_for(5ms);
}

sched::Task<> receive_two(Host& host) {
  auto socket = host.bind({"0.0.0.0", 9});
  std::vector<std::byte> some(16);
  co_await socket.recv_from(some);
  co_await sched::sleep_for(8ms);
}

// Two datagrams with the same bytes: which one arrived is not to be seen from the bytes.
TEST(Deliveries, tell_datagrams_of_equal_bytes_apart) {
  const simnet::Scenario scenario("beats", "", [](simnet::World& world) {
    world.host("server").spawn("receive", [](Host& host) { return receive_two(host); });
    world.host("client").spawn("send", [](Host& host) { return send_two(host); });
  });
  const std::string arrived = "datagram client:send_to -> server:deliver 0+4";
  const std::string lost = "datagram client:send_to -> none 0+4";
  EXPECT_EQ(lines_of(scenario, {}), (std::vector<std::string>{arrived, arrived}));
  EXPECT_EQ(lines_of(scenario, {{{Site::lost, "client/send:udp/0", 0}, 1}}),
            (std::vector<std::string>{lost, arrived}));
  EXPECT_EQ(lines_of(scenario, {{{Site::duplicate, "client/send:udp/0", 1}, 1}}),
            (std::vector<std::string>{arrived, arrived, arrived}));
}

// Bytes of a Unix socket arrive when the program takes them.
TEST(Deliveries, pair_what_a_unix_socket_sends_with_what_takes_it) {
  const simnet::Scenario scenario("unix", "", [](simnet::World& world) {
    world.host("one").spawn("serve", [](Host& host) -> sched::Task<> {
      auto listener = host.listen(sched::unix_path("/run/s"));
      auto client = co_await listener.accept();
      std::vector<std::byte> two(2);
      co_await client->recv_exactly(two);
    });
    world.host("one").spawn("ask", [](Host& host) -> sched::Task<> {
      co_await sched::sleep_for(1ms);
      auto server = co_await host.connect(sched::unix_path("/run/s"));
      const std::string question = "hi";
      co_await server.send_all(question);
    });
  });
  const std::vector<std::string> lines = lines_of(scenario, {});
  EXPECT_NE(std::ranges::find(lines, "data one:send -> one:recv 0+2"), lines.end());
}

}  // namespace
}  // namespace rehearsal::harness
