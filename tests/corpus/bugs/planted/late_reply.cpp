// A reply that comes after its request timed out is read as the reply to the next request, because
// the connection is reused and replies do not name their request.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

// The price of a stock is its number and "00".
sched::Task<std::string> price(std::string stock) { co_return stock + "00"; }

sched::Task<std::string> ask_price(Stream& server, std::string stock) {
  co_await send_line(server, std::move(stock));
  std::string answer = co_await expect_line(server);
  co_return answer;
}

sched::Task<> follow_prices(Version version, World& world, Host& host) {
  std::optional<Stream> server;
  for (int stock = 1; stock <= 6; ++stock) {
    if (!server) {
      server.emplace(co_await host.connect({"server", port}));
    }
    const std::string name = std::to_string(stock);
    try {
      const std::string answer = co_await sched::with_timeout(5ms, ask_price(*server, name));
      world.always("a price is that of the stock that was asked for", answer == name + "00");
    } catch (const std::system_error&) {
      if (version == Version::fixed) {
        server.reset();  // a late reply on it would answer the wrong request
      }
    }
  }
}

}  // namespace

Scenario late_reply(Version version) {
  Scenario scenario("late_reply", "A client keeps a connection on which a reply is outstanding",
                    [version](World& world) {
                      world.host("server").spawn(
                          "serve", [](Host& host) { return serve_answers(host, price); });
                      world.host("client").spawn("follow", [version, &world](Host& host) {
                        return follow_prices(version, world, host);
                      });
                    });
  scenario.rates[Site::late].most = 20'000;
  return scenario;
}

}  // namespace rehearsal::bugs
