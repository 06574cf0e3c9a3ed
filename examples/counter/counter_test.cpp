#include "counter.hpp"

#include <cstdint>
#include <string>

#include <rehearsal/gtest.hpp>

namespace {

rehearsal::Task<> add_ones(auto& host, std::string name, int& done) {
  const auto server = co_await host.resolve("server");
  CounterClient client(host, server.front().with_port(7007), name);
  std::uint64_t before = 0;
  for (int i = 0; i < 5; ++i) {
    const std::uint64_t total = co_await client.add(1);
    EXPECT_GT(total, before);
    before = total;
  }
  ++done;
}

// One packet in five is lost, one comes twice, one is overtaken.
rehearsal::WorldOptions bad_network() {
  rehearsal::WorldOptions options;
  options.link.loss = 200'000;  // parts per million
  options.link.duplication = 200'000;
  options.link.reordering = 200'000;
  return options;
}

REHEARSE(Counter, counts_each_request_once, {.runs = 300, .world = bad_network()}) {
  auto& counter = world.make<Counter>();
  int& done = world.make<int>(0);
  world.host("server").daemon().spawn(
      "serve", [&](auto& host) { return serve_counter(host.bind({"0.0.0.0", 7007}), counter); });
  for (const char* name : {"Ada", "Grace"}) {
    world.host(name).spawn("add", [name, &done](auto& host) { return add_ones(host, name, done); });
  }
  world.run();
  EXPECT_EQ(done, 2);
  EXPECT_EQ(counter.total(), 10);
}

}  // namespace
