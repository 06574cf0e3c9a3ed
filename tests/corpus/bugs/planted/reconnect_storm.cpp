// Clients that reconnect at once when their server is gone keep it and the network from recovering.
// The fixed variant waits longer after each attempt, plus a random time that differs per client.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr std::size_t client_count = 8;

// Attempts to connect in the last 100 ms.
struct Attempts {
  std::vector<sched::Duration> at;
  void add(sched::Duration now) {
    std::erase_if(at, [now](sched::Duration then) { return then + 100ms < now; });
    at.push_back(now);
  }
};

sched::Task<std::string> pong(std::string /*ping*/) { co_return "pong"; }

sched::Task<> ping_on(Attempts& attempts, Host& host, int& pings, sched::Duration& wait) {
  attempts.add(host.now().time_since_epoch());
  Stream server = co_await host.connect({"server", port});
  while (pings > 0) {
    co_await send_line(server, "ping");
    co_await expect_line(server);
    --pings;
    wait = 10ms;
    co_await sched::sleep_for(5ms);
  }
}

sched::Task<> ping(Version version, std::shared_ptr<Attempts> attempts, Host& host) {
  int pings = 20;
  sched::Duration wait = 10ms;
  while (pings > 0) {
    try {
      co_await ping_on(*attempts, host, pings, wait);
    } catch (const std::system_error&) {
      wait = std::min<sched::Duration>(wait * 2, 2s);
    }
    if (version == Version::fixed) {
      const sched::Duration jitter(host.random() % static_cast<std::uint64_t>(wait.count()));
      co_await sched::sleep_for(wait + jitter);
    } else {
      co_await sched::sleep_for(1ms);
    }
  }
}

}  // namespace

Scenario reconnect_storm(Version version) {
  return {
      "reconnect_storm", "Clients connect again at once while their server restarts",
      [version](World& world) {
        auto attempts = std::make_shared<Attempts>();
        world.host("server").spawn("serve", [](Host& host) { return serve_answers(host, pong); });
        for (std::size_t i = 0; i < client_count; ++i) {
          world.host("client-" + std::to_string(i)).spawn("ping", [version, attempts](Host& host) {
            return ping(version, attempts, host);
          });
        }
        world.survives({simnet::crash("server")}, {.in_all = 1, .until = 1s});
        world.invariant("at most 5 attempts of each client in 100 ms",
                        [attempts] { return attempts->at.size() <= 5 * client_count; });
      }};
}

}  // namespace rehearsal::bugs
