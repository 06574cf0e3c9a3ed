// A request whose answer was lost may have been carried out. This shop repeats it, and the bank
// carries it out twice. Retried requests must be idempotent, here by the number of the order.
#include <map>
#include <set>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Bank {
  std::map<std::string, int> charges;  // by order
};

sched::Task<std::string> charge(Version version, std::shared_ptr<Bank> bank, std::string order) {
  const bool known = bank->charges.contains(order);
  if (version == Version::buggy || !known) {
    ++bank->charges[order];
  }
  co_return "charged " + order;
}

sched::Task<> sell(World& world, std::shared_ptr<Bank> bank, Host& host) {
  for (int number = 0; number < 4; ++number) {
    const std::string order = host.network().name() + "/" + std::to_string(number);
    std::optional<std::string> answer;
    while (!answer) {
      answer = co_await try_ask(host, "bank", order, 1s);
    }
    world.always("an order is charged once", bank->charges[order] == 1);
  }
}

}  // namespace

Scenario retried_charge(Version version) {
  Scenario scenario(
      "retried_charge", "A shop retries an order that the bank has charged",
      [version](World& world) {
        auto bank = std::make_shared<Bank>();
        world.host("bank").spawn("serve", [version, bank](Host& host) {
          return serve_answers(host, [version, bank](std::string order) {
            return charge(version, bank, std::move(order));
          });
        });
        for (int i = 0; i < 2; ++i) {
          world.host("shop-" + std::to_string(i)).spawn("sell", [&world, bank](Host& host) {
            return sell(world, bank, host);
          });
        }
      });
  scenario.rates[Site::reset] = {5'000, 1};
  return scenario;
}

}  // namespace rehearsal::bugs
