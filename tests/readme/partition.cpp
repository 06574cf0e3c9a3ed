// The scenario of docs/rehearsing.md.
#include <chrono>
#include <string>

#include "harness/cli/scenario_commands.hpp"
#include "servers/echo.hpp"

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
namespace sched = rehearsal::sched;
namespace harness = rehearsal::harness;
namespace simnet = rehearsal::simnet;
using rehearsal::servers::echo_server;

// Begins anew when its connection breaks.
template <sched::Network Net>
sched::Task<> client(sched::Host<Net>& host) {
  std::string answer;
  while (answer.empty()) {
    try {
      auto server = co_await host.connect({"server", 25000});
      co_await sched::sleep_for(1500ms);
      co_await server.send_all("hello\n");
      answer = co_await server.recv_until("\n", 100);
    } catch (const std::system_error&) {
      answer.clear();
    }
  }
}

}  // namespace

// NOLINTBEGIN(misc-use-internal-linkage)
// clang-format off
void build(simnet::World& world) {
  world.host("server").daemon().spawn([](auto& host) {
    return echo_server(host, {"0.0.0.0", 25000});
  });
  for (int i = 0; i < 3; ++i) {
    world.host("client-" + std::to_string(i)).spawn([](auto& host) { return client(host); });
  }
  world.at(1s).partition("client-0", "server");
  world.at(9s).heal("client-0", "server");
  world.faults().add(simnet::FaultRule("first send", simnet::Operation::send,
                                       simnet::Verdict::reset()).from("client-1").nth(1));
}

int main(int argc, char** argv) {
  return harness::run_scenarios(argc, argv, {{"echo", "Three clients", build}});
}
// clang-format on
// NOLINTEND(misc-use-internal-linkage)
