// A bank carries out a request once, however often it comes with the same key. This shop draws a
// new key for each attempt, so a retry after a cut connection is another request. The fixed variant
// draws a key for each order.
#include <map>
#include <set>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct KeyedBank {
  std::set<std::string> keys;        // of the requests that were carried out
  std::map<std::string, int> count;  // of charges, by order
};

// The request is "ORDER KEY".
sched::Task<std::string> charge(std::shared_ptr<KeyedBank> bank, std::string request) {
  const std::vector<std::string> words = words_of(request);
  if (bank->keys.insert(words[1]).second) {
    ++bank->count[words[0]];
  }
  co_return "charged";
}

sched::Task<> sell(Version version, World& world, std::shared_ptr<KeyedBank> bank, Host& host) {
  for (int i = 0; i < 4; ++i) {
    const std::string order = "order-" + std::to_string(i);
    std::string key = std::to_string(host.random());
    std::optional<std::string> answer;
    for (int attempt = 0; attempt < 20 && !answer; ++attempt) {
      if (version == Version::buggy) {
        key = std::to_string(host.random());
      }
      answer = co_await try_ask(host, "bank", order + ' ' + key, 50ms);
    }
    world.always("an order is charged at most once", bank->count[order] <= 1);
    co_await sched::sleep_for(5ms);
  }
}

}  // namespace

Scenario fresh_key(Version version) {
  return {"fresh_key", "A shop retries an order after its bank was cut off",
          [version](World& world) {
            auto bank = std::make_shared<KeyedBank>();
            world.host("bank").spawn("serve", [bank](Host& host) {
              return serve_answers(
                  host, [bank](std::string request) { return charge(bank, std::move(request)); });
            });
            world.host("shop").spawn("sell", [version, &world, bank](Host& host) {
              return sell(version, world, bank, host);
            });
            world.survives({simnet::partition("shop", "bank")}, {.in_all = 1, .until = 200ms});
          }};
}

}  // namespace rehearsal::bugs
