// A client that has finished sending still receives. This proxy closes both directions when one of
// them has ended, and the server's pending answer is lost.
#include <array>
#include <span>

#include "sched/sync/when.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

sched::Task<> pump(Stream& from, Stream& to) {
  std::array<std::byte, 512> buffer{};
  for (;;) {
    const std::size_t size = co_await from.recv(buffer);
    if (size == 0) {
      break;
    }
    co_await to.send_all(std::span(buffer).first(size));
  }
  to.shutdown_send();
}

sched::Task<> relay(Version version, Host& host, Stream client) {
  Stream server = co_await host.connect({"server", port});
  if (version == Version::buggy) {
    co_await sched::when_any(pump(client, server), pump(server, client));
  } else {
    co_await sched::when_all(pump(client, server), pump(server, client));
  }
}

sched::Task<std::string> echo(std::string line) { co_return line; }

sched::Task<> talk(World& world, Host& host) {
  Stream proxy = co_await host.connect({"proxy", port});
  for (int i = 0; i < 3; ++i) {
    co_await send_line(proxy, "line " + std::to_string(i));
    co_await sched::sleep_for(2ms);
  }
  proxy.shutdown_send();
  int answers = 0;
  for (;;) {
    const auto answer = co_await recv_line(proxy);
    if (!answer) {
      break;
    }
    ++answers;
  }
  world.always("every line is answered", answers == 3);
}

}  // namespace

Scenario half_close(Version version) {
  return {"half_close", "A proxy ends both directions when one has ended", [version](World& world) {
            world.host("server").spawn("serve",
                                       [](Host& host) { return serve_answers(host, echo); });
            world.host("proxy").spawn("serve", [version](Host& host) {
              return serve(host, [version, &host](Stream client) {
                return relay(version, host, std::move(client));
              });
            });
            world.host("client").spawn("talk", [&world](Host& host) { return talk(world, host); });
          }};
}

}  // namespace rehearsal::bugs
