// A count of free slots is decremented before a call and incremented after it. If the call throws,
// the slot leaks. After a few failed connects no task gets a slot any more. The destructor of a
// permit releases it in any case.
#include "sched/sync/semaphore.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Pool {
  int free = 1;
  sched::Event given_back;
  sched::Semaphore permits{1};
};

sched::Task<std::string> fetch(Version version, Host& host, Pool& pool) {
  if (version == Version::fixed) {
    auto permit = co_await pool.permits.acquire();
    std::string row = co_await ask(host, "database", "a row");
    co_return row;
  }
  while (pool.free == 0) {
    pool.given_back.clear();
    co_await pool.given_back.wait();
  }
  --pool.free;
  std::string row = co_await ask(host, "database", "a row");
  ++pool.free;
  pool.given_back.set();
  co_return row;
}

sched::Task<std::string> find_row(std::string /*question*/) { co_return "a row"; }

sched::Task<> run_web(Version version, Host& host) {
  Pool pool;
  const Answer answer = [version, &host, &pool](std::string /*question*/) {
    return fetch(version, host, pool);
  };
  co_await serve_answers(host, answer);
}

sched::Task<> browse(World& world, Host& host) {
  for (int page = 0; page < 4; ++page) {
    std::optional<std::string> row;
    for (int attempt = 0; attempt < 20 && !row; ++attempt) {
      row = co_await try_ask(host, "web", "a page", 1s);
    }
    world.always("a page comes at last", row.has_value());
  }
}

}  // namespace

Scenario leaked_slot(Version version) {
  Scenario scenario(
      "leaked_slot", "A connection pool loses a slot with each connect that fails",
      [version](World& world) {
        world.host("database").spawn("serve", [](Host& host) {
          return serve_answers(host, find_row);
        });
        world.host("web").spawn("serve", [version](Host& host) { return run_web(version, host); });
        world.host("browser").spawn("browse", [&world](Host& host) { return browse(world, host); });
      });
  scenario.rates[Site::connect] = {10'000, 4};
  return scenario;
}

}  // namespace rehearsal::bugs
