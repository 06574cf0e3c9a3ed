// A reader that missed in the cache fills it with the value that it read from the database,
// although the value was changed and invalidated in the cache during the read. The fixed variant
// fills only if there was no invalidation meanwhile (the lease of memcache: Nishtala et al.,
// Scaling Memcache at Facebook, NSDI 2013).
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Cache {
  std::optional<std::string> value;
  int invalidations = 0;
};

sched::Task<std::string> read(Version version, Host& host, std::shared_ptr<Cache> cache) {
  if (cache->value) {
    co_return *cache->value;
  }
  const int before = cache->invalidations;
  std::string value = co_await ask(host, "database", "get");
  if (version == Version::buggy || cache->invalidations == before) {
    cache->value = value;
  }
  co_return value;
}

sched::Task<std::string> write(Host& host, std::shared_ptr<Cache> cache, std::string value) {
  co_await ask(host, "database", value);
  cache->value.reset();
  ++cache->invalidations;
  co_return "ok";
}

sched::Task<std::string> serve_order(Version version, Host& host, std::shared_ptr<Cache> cache,
                                     std::string order) {
  std::string answer;
  if (order == "get") {
    answer = co_await read(version, host, cache);
  } else {
    answer = co_await write(host, cache, std::move(order));
  }
  co_return answer;
}

sched::Task<std::string> keep(std::shared_ptr<std::string> kept, std::string order) {
  if (order != "get") {
    *kept = order;
  }
  co_return *kept;
}

sched::Task<> write_often(Host& host) {
  for (int i = 1; i <= 3; ++i) {
    co_await until(i * 10ms);
    co_await ask(host, "web", std::to_string(i));
  }
}

sched::Task<> read_often(World& world, Host& host) {
  for (int i = 1; i <= 3; ++i) {
    co_await until(i * 10ms + 8ms);
    co_await ask(host, "web", "get");
  }
  co_await until(500ms);
  const std::string last = co_await ask(host, "web", "get");
  world.always("the last value is read in the end", last == "3");
}

}  // namespace

Scenario stale_fill(Version version) {
  return {"stale_fill", "A cache is filled with what was read before it was invalidated",
          [version](World& world) {
            auto kept = std::make_shared<std::string>("0");
            auto cache = std::make_shared<Cache>();
            world.host("database").spawn("serve", [kept](Host& host) {
              return serve_answers(
                  host, [kept](std::string order) { return keep(kept, std::move(order)); });
            });
            world.host("web").spawn("serve", [version, cache](Host& host) {
              return serve_answers(host, [version, cache, &host](std::string order) {
                return serve_order(version, host, cache, std::move(order));
              });
            });
            world.host("writer").spawn("write", write_often);
            world.host("reader").spawn("read",
                                       [&world](Host& host) { return read_often(world, host); });
          }};
}

}  // namespace rehearsal::bugs
