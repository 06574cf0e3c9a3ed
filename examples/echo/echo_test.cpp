#include "echo.hpp"

#include <string>

#include <rehearsal/gtest.hpp>

namespace {

// clang-format off
rehearsal::Task<> say_hello(auto& host) {
  auto server = co_await host.connect({"server", 25000});
  co_await server.send_all("hello\n");
  server.shutdown_send();
  const std::string answer = co_await server.recv_until("\n", 100);
  EXPECT_EQ(answer, "hello\n");
}

REHEARSE(Echo, answers_everyone) {
  world.host("server").daemon().spawn("serve", [](auto& host) {
    return serve(host, host.listen({"0.0.0.0", 25000}));
  });
  for (const char* name : {"Ada", "Grace", "Barbara"}) {
    world.host(name).spawn("talk", [](auto& host) { return say_hello(host); });
  }
}
// clang-format on

}  // namespace
