// The fuzzer of docs/running.md.
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <string>

#include <rehearsal/scenario.hpp>

#include "examples/echo/echo.hpp"

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

rehearsal::Task<> say_hello(auto& host, bool& answered) {
  auto server = co_await host.connect({"server", 25000});
  co_await server.send_all("hello\n");
  const std::string answer = co_await server.recv_until("\n", 100);
  answered = answer == "hello\n";
}

}  // namespace

// clang-format off
extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const rehearsal::Scenario scenario("echo", "One client", [](rehearsal::World& world) {
    bool& answered = world.make<bool>(false);
    world.host("server").daemon().spawn([](auto& host) {
      return serve(host, host.listen({"0.0.0.0", 25000}));
    });
    world.host("client").spawn([&](auto& host) { return say_hello(host, answered); });
    world.eventually("the client is answered", 5s, [&] { return answered; });
  });
  return rehearsal::fuzz(scenario, {data, size});
}
// clang-format on
