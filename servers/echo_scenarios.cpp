#include "servers/echo_scenarios.hpp"

#include <chrono>
#include <cstdint>
#include <memory>
#include <string>
#include <system_error>
#include <utility>

#include "servers/echo.hpp"
#include "servers/echo_talk.hpp"

namespace rehearsal::servers {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using simnet::FaultRule;
using simnet::Operation;
using simnet::Scenario;
using simnet::Site;
using simnet::Verdict;
using simnet::World;

void add_server(World& world) {
  world.host("server").spawn("echo",
                             [](auto& host) { return echo_server(host, {"0.0.0.0", 25000}); });
}

void add_client(World& world, const std::string& name, const EchoTalkOptions& options) {
  world.host(name).spawn("talk", [options](auto& host) { return talk(host, options); });
}

// Adds from `least` to `most` clients, and returns their number.
std::uint32_t add_clients(World& world, std::uint32_t least, std::uint32_t most,
                          const EchoTalkOptions& options) {
  const std::uint32_t count = world.parameter("clients", least, most);
  for (std::uint32_t i = 0; i < count; ++i) {
    add_client(world, "client-" + std::to_string(i), options);
  }
  return count;
}

// Options of a client whose connection must not break: an exception of it fails the run.
EchoTalkOptions undisturbed() { return {}; }

// Options of a client that starts again when its connection breaks.
EchoTalkOptions persistent() {
  EchoTalkOptions options;
  options.attempts = 100;
  return options;
}

// Options of a client that starts again when its connection breaks. The sweep fails if no
// connection breaks in any run, because it would have tested nothing.
EchoTalkOptions disturbed(World& world) {
  EchoTalkOptions options = persistent();
  options.on_broken = [&world](const std::system_error& /*error*/) {
    world.sometimes("a client starts again", true);
  };
  world.sometimes("a client starts again", false);
  return options;
}

Scenario clients() {
  return {"echo.clients", "One to eight clients at once; every byte comes back", [](World& world) {
            add_server(world);
            add_clients(world, 1, 8, undisturbed());
          }};
}

Scenario jitter() {
  Scenario scenario("echo.jitter", "One to eight clients; packets take from 1 ms to 30 ms",
                    [](World& world) {
                      add_server(world);
                      add_clients(world, 1, 8, undisturbed());
                    });
  scenario.options.link.latency = 1ms;
  scenario.options.link.jitter = 29ms;
  return scenario;
}

Scenario short_calls() {
  Scenario scenario("echo.short", "Most reads and writes move one to seven bytes",
                    [](World& world) {
                      add_server(world);
                      add_clients(world, 1, 4, undisturbed());
                    });
  scenario.rates[Site::recv] = {600'000, 7};
  scenario.rates[Site::send] = {600'000, 7};
  scenario.rates[Site::spurious] = {20'000, 200};
  scenario.rates[Site::again] = {100'000, 1};
  return scenario;
}

Scenario resets() {
  Scenario scenario(
      "echo.resets", "Connections are reset at both ends; clients start again", [](World& world) {
        add_server(world);
        add_clients(world, 4, 4, disturbed(world));
        world.faults().add(
            FaultRule("reset-5th-answer", Operation::send, Verdict::reset()).from("server").nth(5));
        world.faults().add(FaultRule("full-table", Operation::accept,
                                     Verdict::fail(std::errc::too_many_files_open))
                               .every(3));
      });
  scenario.rates[Site::reset] = {5'000, 1};
  scenario.rates[Site::connect] = {20'000, 4};
  return scenario;
}

Scenario restart() {
  return {"echo.restart", "The server's process is killed, and later its power fails",
          [](World& world) {
            add_server(world);
            EchoTalkOptions options = disturbed(world);
            options.messages = 20;
            options.pause = 2ms;
            add_clients(world, 1, 6, options);
            world.at(15ms).kill("server");
            world.at(40ms).restart("server");
            world.at(70ms).power_off("server");
            world.at(100ms).restart("server");
          }};
}

Scenario partition() {
  return {"echo.partition", "A partition, both ways and then one way, that heals after seconds",
          [](World& world) {
            add_server(world);
            auto done = std::make_shared<std::uint32_t>(0);
            EchoTalkOptions options = persistent();
            options.messages = 20;
            options.pause = 1ms;
            options.on_done = [done] { ++*done; };
            const std::uint32_t clients = add_clients(world, 2, 5, options);
            world.at(5ms).partition("client-0", "server");
            world.at(5s).heal("client-0", "server");
            world.at(10ms).partition_one_way("server", "client-1");
            world.at(8s).heal("client-1", "server");
            world.at(8s, [&world, done, clients] {
              world.eventually("everyone is served after the partition heals", 2min,
                               [done, clients] { return *done == clients; });
            });
          }};
}

// One client sends as much as it can; the others send a few bytes from time to time.
Scenario greedy() {
  Scenario scenario("echo.greedy",
                    "A greedy client among shy ones; each shy one is served within 20 ms",
                    [](World& world) {
                      add_server(world);
                      EchoTalkOptions greedy;
                      greedy.messages = 100;
                      greedy.most_bytes = 30'000;
                      add_client(world, "greedy", greedy);
                      EchoTalkOptions shy;
                      shy.most_bytes = 20;
                      shy.pause = 3ms;
                      shy.on_echoed = [&world](sched::Duration took) {
                        world.always("a shy client is served within 20 ms", took <= 20ms);
                      };
                      for (int i = 0; i < 4; ++i) {
                        add_client(world, "shy-" + std::to_string(i), shy);
                      }
                    });
  return scenario;
}

}  // namespace

std::vector<Scenario> echo_scenarios() {
  return {clients(), jitter(), short_calls(), resets(), restart(), partition(), greedy()};
}

}  // namespace rehearsal::servers
