// A send accepts only as many bytes as fit at the moment. This server sends a page and ignores how
// many bytes were accepted. The rest is never sent, and the browser waits for it.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

sched::Task<> serve_pages(Version version, Stream browser) {
  const std::string page = "600\n" + std::string(600, 'x');
  for (;;) {
    const auto request = co_await recv_line(browser);
    if (!request) {
      co_return;
    }
    if (version == Version::buggy) {
      co_await browser.send(bytes_of(page));
    } else {
      co_await browser.send_all(page);
    }
  }
}

sched::Task<> browse_pages(Host& host) {
  Stream server = co_await host.connect({"server", port});
  for (int page = 0; page < 4; ++page) {
    co_await send_line(server, "GET /");
    const std::string length = co_await expect_line(server);
    std::vector<std::byte> body(std::stoul(length));
    co_await server.recv_exactly(body);
  }
}

}  // namespace

Scenario partial_write(Version version) {
  return {
      "partial_write", "A server of pages ignores how much a send took", [version](World& world) {
        world.host("server").spawn("serve", [version](Host& host) {
          return serve(
              host, [version](Stream client) { return serve_pages(version, std::move(client)); });
        });
        for (int i = 0; i < 2; ++i) {
          world.host("browser-" + std::to_string(i)).spawn("browse", browse_pages);
        }
      }};
}

}  // namespace rehearsal::bugs
