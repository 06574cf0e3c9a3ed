// The program of scenarios of docs/writing-tests.md.
#include <chrono>
#include <string>
#include <system_error>

#include <rehearsal/cli.hpp>

#include "examples/echo/echo.hpp"

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// Connects again when its connection breaks.
rehearsal::Task<> client(auto& host) {
  std::string answer;
  while (answer.empty()) {
    try {
      auto server = co_await host.connect({"server", 25000});
      co_await rehearsal::sleep_for(1500ms);
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
void build(rehearsal::World& world) {
  world.host("server").daemon().spawn([](auto& host) {
    return serve(host, host.listen({"0.0.0.0", 25000}));
  });
  for (int i = 0; i < 3; ++i) {
    world.host("client-" + std::to_string(i)).spawn([](auto& host) { return client(host); });
  }
  world.at(1s).partition("client-0", "server");
  world.at(9s).heal("client-0", "server");
  world.faults().add(rehearsal::FaultRule("first send", rehearsal::Operation::send,
                                          rehearsal::Verdict::reset()).from("client-1").nth(1));
}

int main(int argc, char** argv) {
  return rehearsal::run_scenarios(argc, argv, {{"echo", "Three clients", build}});
}
// clang-format on
// NOLINTEND(misc-use-internal-linkage)
