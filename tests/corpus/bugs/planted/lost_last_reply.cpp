// On shutdown this server stops at once, and with it the session whose reply is not sent yet. The
// fixed variant stops accepting, and joins its sessions first.
#include <csignal>
#include <set>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

using Orders = std::set<std::string>;

sched::Task<std::string> take_order(Host& host, std::shared_ptr<Orders> taken, std::string order) {
  taken->insert(order);
  const auto cook = [] {};
  co_await host.run_blocking(cook);
  co_return "dish for " + order;
}

sched::Task<> accept_all(sched::Listener<simnet::SimulatedNetwork>& listener,
                         sched::Supervisor& sessions, const Answer& answer) {
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    sessions.spawn(answer_each(std::move(*client), answer));
  }
}

sched::Task<> run_kitchen(Version version, std::shared_ptr<Orders> taken, Host& host) {
  const Answer answer = [taken, &host](std::string order) {
    return take_order(host, taken, std::move(order));
  };
  auto signals = host.signals({SIGTERM});
  auto listener = host.listen({"0.0.0.0", port});
  sched::Supervisor sessions(host);
  sched::TaskGroup accepting(host);
  accepting.spawn("accept", accept_all(listener, sessions, answer));
  co_await signals.next();
  listener.stop();
  co_await accepting.join();
  if (version == Version::fixed) {
    co_await sessions.join();
  }
}

sched::Task<> order_dish(World& world, std::shared_ptr<Orders> taken, Host& host,
                         sched::Duration at) {
  co_await until(at);
  const std::string order = host.network().name();
  const auto dish = co_await try_ask(host, "kitchen", order, 1s);
  world.always("an order that was taken is served", dish || !taken->contains(order));
}

}  // namespace

Scenario lost_last_reply(Version version) {
  return {
      "lost_last_reply", "A server ends on SIGTERM while it works on a request",
      [version](World& world) {
        auto taken = std::make_shared<Orders>();
        world.host("kitchen").spawn(
            "serve", [version, taken](Host& host) { return run_kitchen(version, taken, host); });
        for (int i = 0; i < 3; ++i) {
          world.host("guest-" + std::to_string(i)).spawn("order", [&world, taken, i](Host& host) {
            return order_dish(world, taken, host, i * 3ms);
          });
        }
        world.at(9ms).raise("kitchen", SIGTERM);
      }};
}

}  // namespace rehearsal::bugs
