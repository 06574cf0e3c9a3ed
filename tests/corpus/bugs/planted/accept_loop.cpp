// An exception in the accept loop ends the server. Here it comes from a client that is gone before
// it has sent its name. Only a session may depend on one client.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

sched::Task<> greet(Stream client, std::string name) {
  co_await send_line(client, "hello " + name);
}

sched::Task<> meet(Stream client) {
  std::string name = co_await expect_line(client);
  co_await greet(std::move(client), std::move(name));
}

sched::Task<> run_accepting_server(Version version, Host& host) {
  auto listener = host.listen({"0.0.0.0", port});
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    if (version == Version::buggy) {
      std::string name = co_await expect_line(*client);
      sessions.spawn(greet(std::move(*client), std::move(name)));
    } else {
      sessions.spawn(meet(std::move(*client)));
    }
  }
  co_await sessions.join();
}

sched::Task<> be_greeted(Host& host) {
  const std::string name = host.network().name();
  std::optional<std::string> greeting;
  while (!greeting) {
    greeting = co_await try_ask(host, "server", name, 1s);
  }
}

}  // namespace

Scenario accept_loop(Version version) {
  Scenario scenario("accept_loop", "An accept loop reads the name of each client itself",
                    [version](World& world) {
                      world.host("server").spawn("serve", [version](Host& host) {
                        return run_accepting_server(version, host);
                      });
                      for (int i = 0; i < 4; ++i) {
                        world.host("client-" + std::to_string(i)).spawn("greet", be_greeted);
                      }
                    });
  scenario.rates[Site::reset] = {5'000, 1};
  return scenario;
}

}  // namespace rehearsal::bugs
