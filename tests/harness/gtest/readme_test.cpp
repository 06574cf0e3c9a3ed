// The code of harness/gtest/README.md, which pages_test.py compares with this.
#include <cstddef>
#include <span>
#include <string>

#include <rehearsal/gtest.hpp>

#include "examples/echo/echo.hpp"

namespace {

// clang-format off
template <rehearsal::Network Net>
rehearsal::Task<> say_hello(rehearsal::Host<Net>& host, int& greeted) {
  auto server = co_await host.connect({"server", 25000});
  const std::string hello = "hello";
  co_await server.send_all(std::as_bytes(std::span(hello)));
  std::string answer(hello.size(), ' ');
  const std::size_t n = co_await server.recv_exactly(std::as_writable_bytes(std::span(answer)));
  CO_ASSERT_EQ(n, hello.size()) << "it hung up";  // ASSERT_* does not compile in a coroutine
  EXPECT_EQ(answer, hello);
  ++greeted;
}

REHEARSE(Echo, answers_everyone, {.runs = 200}) {
  world.host("server").spawn([](auto& host) {
    return serve(host, host.listen({"0.0.0.0", 25000}));
  });
  int& greeted = world.make<int>(0);               // lives as long as the world and its tasks
  for (int i = 0; i < 3; ++i) {
    world.host("client-" + std::to_string(i)).spawn([&](auto& host) {
      return say_hello(host, greeted);
    });
  }
  world.run();
  EXPECT_EQ(greeted, 3);
}
// clang-format on

}  // namespace
