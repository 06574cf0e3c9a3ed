// Tasks that hold a slot of a pool wait for another slot of the same pool. Once such tasks hold all
// slots, they wait forever. The fixed variant does all work of a page in its one slot.
#include "sched/sync/semaphore.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

sched::Task<std::string> find_items(Version version, Host& host, sched::Semaphore& slots) {
  sched::Semaphore::Permit slot;
  if (version == Version::buggy) {
    slot = co_await slots.acquire();
  }
  std::string items = co_await ask(host, "database", "items");
  co_return items;
}

sched::Task<std::string> make_page(Version version, Host& host, sched::Semaphore& slots) {
  auto slot = co_await slots.acquire();
  const std::string user = co_await ask(host, "database", "user");
  const std::string items = co_await find_items(version, host, slots);
  co_return user + ": " + items;
}

sched::Task<> run_shop(Version version, Host& host) {
  sched::Semaphore slots(3, "slot");
  const Answer answer = [version, &host, &slots](std::string /*page*/) {
    return make_page(version, host, slots);
  };
  co_await serve_answers(host, answer);
}

sched::Task<std::string> find_item(std::string what) { co_return what; }

sched::Task<> browse(Host& host, sched::Duration first) {
  for (int page = 0; page < 3; ++page) {
    co_await until(first + page * 15ms);
    co_await ask(host, "web", "a page");
  }
}

}  // namespace

Scenario nested_slots(Version version) {
  return {"nested_slots", "A page takes a second slot of a pool while it has one",
          [version](World& world) {
            world.host("database").spawn("serve", [](Host& host) {
              return serve_answers(host, find_item);
            });
            world.host("web").spawn("serve",
                                    [version](Host& host) { return run_shop(version, host); });
            for (int i = 0; i < 4; ++i) {
              world.host("browser-" + std::to_string(i)).spawn("browse", [i](Host& host) {
                return browse(host, i * 4ms);
              });
            }
          }};
}

}  // namespace rehearsal::bugs
