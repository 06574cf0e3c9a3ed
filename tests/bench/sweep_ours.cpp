// The workload of the sweep bench: a server and three clients that exchange ten messages of 64
// bytes each and check the answers. The program has the commands of `rehearsal`.
#include <array>
#include <cstddef>
#include <cstdint>
#include <stdexcept>
#include <string>

#include "harness/cli/scenario_commands.hpp"
#include "servers/echo.hpp"

namespace {

namespace sched = rehearsal::sched;
namespace harness = rehearsal::harness;
namespace servers = rehearsal::servers;
namespace simnet = rehearsal::simnet;

constexpr std::uint16_t port = 7;
constexpr int messages = 10;

template <sched::Network Net>
sched::Task<> say_ten(sched::Host<Net>& host) {
  auto server = co_await host.connect({"server", port});
  std::array<std::byte, 64> sent{};
  std::array<std::byte, 64> came{};
  for (int i = 0; i < messages; ++i) {
    sent.fill(static_cast<std::byte>(host.random()));
    co_await server.send_all(sent);
    const std::size_t size = co_await server.recv_exactly(came);
    if (size != sent.size() || came != sent) {
      throw std::runtime_error("message " + std::to_string(i) + " came back as another");
    }
  }
}

void build(simnet::World& world) {
  world.host("server").spawn(
      "serve", [](auto& host) { return servers::echo_server(host, {"0.0.0.0", port}); });
  for (const char* client : {"client-0", "client-1", "client-2"}) {
    world.host(client).spawn("say", [](auto& host) { return say_ten(host); });
  }
}

}  // namespace

int main(int argc, char** argv) {
  return harness::run_scenarios(argc, argv, {{"clients", "Three clients, ten messages", build}});
}
