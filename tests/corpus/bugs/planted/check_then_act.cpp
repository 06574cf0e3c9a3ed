// Between the check and the act is a co_await, during which other tasks run. So two clients who pay
// at the same time both find the last seat free.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Theatre {
  int seats = 2;
  int sold = 0;
};

sched::Task<std::string> pay(std::string /*price*/) { co_return "paid"; }

sched::Task<std::string> sell_seat(Version version, Host& host, Theatre& theatre,
                                   std::string /*wish*/) {
  if (theatre.seats == 0) {
    co_return "sold out";
  }
  if (version == Version::fixed) {
    --theatre.seats;  // reserved before another task can check
  }
  co_await ask(host, "bank", "20 EUR");
  if (version == Version::buggy) {
    --theatre.seats;
  }
  ++theatre.sold;
  co_return "sold";
}

sched::Task<> visit(Host& host, sched::Duration at) {
  co_await until(at);
  co_await ask(host, "theatre", "a seat");
}

}  // namespace

Scenario check_then_act(Version version) {
  return {"check_then_act", "A theatre sells its last seat twice", [version](World& world) {
            auto theatre = std::make_shared<Theatre>();
            world.host("bank").spawn("serve", [](Host& host) { return serve_answers(host, pay); });
            world.host("theatre").spawn("serve", [version, theatre](Host& host) {
              return serve_answers(host, [version, theatre, &host](std::string wish) {
                return sell_seat(version, host, *theatre, std::move(wish));
              });
            });
            for (int i = 0; i < 3; ++i) {
              world.host("visitor-" + std::to_string(i)).spawn("visit", [i](Host& host) {
                return visit(host, i * 5ms);
              });
            }
            world.invariant("no more seats are sold than there are",
                            [theatre] { return theatre->sold <= 2; });
          }};
}

}  // namespace rehearsal::bugs
