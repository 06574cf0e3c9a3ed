// The kernel reuses a closed descriptor's number for the next connection. This server remembers a
// client by this number while it draws a picture, and sends it to the client that has it by then.
#include <map>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

class Painter {
 public:
  Painter(Version version, Host& host) : version_(version), host_(host), jobs_(host) {}

  sched::Task<> serve_client(Stream client) {
    const sched::Descriptor descriptor = client.handle().descriptor;
    clients_.insert_or_assign(descriptor, &client);
    const auto leave = [this](const sched::Descriptor* left) { clients_.erase(*left); };
    const std::unique_ptr<const sched::Descriptor, decltype(leave)> left(&descriptor, leave);
    for (;;) {
      auto motif = co_await recv_line(client);
      if (!motif) {
        co_return;
      }
      jobs_.spawn(paint(client.handle(), std::move(*motif)));
    }
  }

 private:
  sched::Task<> paint(sched::Handle client, std::string motif) {
    const auto draw = [] {};
    co_await host_.run_blocking(draw);
    const auto found = clients_.find(client.descriptor);
    if (found == clients_.end()) {
      co_return;
    }
    if (version_ == Version::fixed && found->second->handle() != client) {
      co_return;  // another connection has the number by now
    }
    co_await send_line(*found->second, "picture of " + motif);
  }

  Version version_;
  Host& host_;
  std::map<sched::Descriptor, Stream*> clients_;
  sched::Supervisor jobs_;
};

sched::Task<> run_painter(Version version, Host& host) {
  Painter painter(version, host);
  const Session session = [&painter](Stream client) {
    return painter.serve_client(std::move(client));
  };
  co_await serve(host, session);
}

// Requests one picture after another, and gives up on a picture that takes too long.
sched::Task<> collect(World& world, Host& host) {
  for (const char* motif : {"a cat", "a dog", "a house"}) {
    const auto picture = co_await try_ask(host, "painter", motif, 3ms);
    world.always("a picture shows what its client wished for",
                 !picture || *picture == std::string("picture of ") + motif);
  }
}

}  // namespace

Scenario stale_descriptor(Version version) {
  return {"stale_descriptor", "A server keeps the number of a descriptor that is closed meanwhile",
          [version](World& world) {
            world.host("painter").spawn(
                "serve", [version](Host& host) { return run_painter(version, host); });
            world.host("client").spawn("collect",
                                       [&world](Host& host) { return collect(world, host); });
          }};
}

}  // namespace rehearsal::bugs
