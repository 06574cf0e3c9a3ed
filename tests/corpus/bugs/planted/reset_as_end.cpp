// A reset is not a regular end: the bytes received so far are not the whole file. This server
// stores them as if they were.
#include <array>
#include <span>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr std::size_t file_size = 300;

sched::Task<> store_upload(Version version, World& world, Stream client) {
  std::size_t received = 0;
  std::array<std::byte, 100> buffer{};
  try {
    for (;;) {
      const std::size_t size = co_await client.recv(buffer);
      if (size == 0) {
        break;
      }
      received += size;
    }
  } catch (const std::system_error&) {
    // The buggy version takes the reset for the end of the file.
    if (version == Version::fixed) {
      throw;
    }
  }
  world.always("a file that is stored is whole", received == file_size);
  co_await send_line(client, "stored");
}

sched::Task<> upload_once(Host& host) {
  Stream server = co_await host.connect({"server", port});
  const std::string part(file_size / 3, 'x');
  for (int i = 0; i < 3; ++i) {
    co_await server.send_all(part);
    co_await sched::sleep_for(1ms);
  }
  server.shutdown_send();
  co_await expect_line(server);
}

sched::Task<> upload(Host& host) {
  for (bool stored = false; !stored;) {
    try {
      co_await upload_once(host);
      stored = true;
    } catch (const std::system_error&) {
      stored = false;  // starts again
    }
  }
}

}  // namespace

Scenario reset_as_end(Version version) {
  Scenario scenario("reset_as_end", "A server takes the reset of an upload for its end",
                    [version](World& world) {
                      world.host("server").spawn("serve", [version, &world](Host& host) {
                        return serve(host, [version, &world](Stream client) {
                          return store_upload(version, world, std::move(client));
                        });
                      });
                      for (int i = 0; i < 2; ++i) {
                        world.host("client-" + std::to_string(i)).spawn("upload", upload);
                      }
                    });
  scenario.rates[Site::reset] = {5'000, 1};
  return scenario;
}

}  // namespace rehearsal::bugs
