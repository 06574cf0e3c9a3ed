// TCP is a stream of bytes: one message may take several reads. This server treats the result of
// one read as one message.
#include <array>
#include <cstdlib>
#include <span>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

sched::Task<std::string> next_message(Version version, Stream& client) {
  std::string message;
  if (version == Version::buggy) {
    std::array<std::byte, 256> buffer{};
    const std::size_t size = co_await client.recv(buffer);
    message.assign(reinterpret_cast<const char*>(buffer.data()), size);
  } else {
    message = co_await client.recv_until("\n", 256);
  }
  co_return message;
}

// Adds up the numbers that a client sends, and answers each with the sum so far.
sched::Task<> add_up(Version version, Stream client) {
  long sum = 0;
  for (;;) {
    const std::string message = co_await next_message(version, client);
    if (message.empty()) {
      co_return;
    }
    sum += std::strtol(message.c_str(), nullptr, 10);
    co_await send_line(client, std::to_string(sum));
  }
}

sched::Task<> count_on(World& world, Host& host) {
  Stream server = co_await host.connect({"server", port});
  for (long i = 1; i <= 5; ++i) {
    co_await send_line(server, "100");
    const std::string sum = co_await expect_line(server);
    world.always("the sum is that of what was sent", sum == std::to_string(100 * i));
  }
}

}  // namespace

Scenario split_frame(Version version) {
  return {"split_frame", "A server takes one read for one message", [version](World& world) {
            world.host("server").spawn("serve", [version](Host& host) {
              return serve(host,
                           [version](Stream client) { return add_up(version, std::move(client)); });
            });
            world.host("client").spawn("count",
                                       [&world](Host& host) { return count_on(world, host); });
          }};
}

}  // namespace rehearsal::bugs
