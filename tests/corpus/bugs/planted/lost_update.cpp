// Read, change, write back: if two clients do it at the same time, one change is lost. The fixed
// variant writes with compare and set, and starts again if the value has changed meanwhile.
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Store {
  std::string value = "0";
};

sched::Task<std::string> store_answer(Version version, std::shared_ptr<Store> store,
                                      std::string question) {
  const std::vector<std::string> words = words_of(question);
  if (words[0] == "get") {
    co_return store->value;
  }
  if (version == Version::fixed && words[1] != store->value) {  // "put OLD NEW"
    co_return "changed";
  }
  store->value = words[2];
  co_return "ok";
}

sched::Task<> count_visitor(Host& host) {
  std::string answer;
  while (answer != "ok") {
    const std::string before = co_await ask(host, "store", "get");
    const std::string after = std::to_string(std::stoi(before) + 1);
    answer = co_await ask(host, "store", "put " + before + " " + after);
  }
}

sched::Task<> count_visitors(World& world, std::shared_ptr<Store> store, Host& host, int of_two) {
  for (int visitor = 0; visitor < 3; ++visitor) {
    co_await until((2 * visitor + of_two) * 4ms);
    co_await count_visitor(host);
  }
  co_await until(200ms);
  world.always("every visitor is counted", store->value == "6");
}

}  // namespace

Scenario lost_update(Version version) {
  return {"lost_update", "Two web servers count their visitors in one store",
          [version](World& world) {
            auto store = std::make_shared<Store>();
            world.host("store").spawn("serve", [version, store](Host& host) {
              return serve_answers(host, [version, store](std::string question) {
                return store_answer(version, store, std::move(question));
              });
            });
            for (int i = 0; i < 2; ++i) {
              world.host("web-" + std::to_string(i)).spawn("count", [&world, store, i](Host& host) {
                return count_visitors(world, store, host, i);
              });
            }
          }};
}

}  // namespace rehearsal::bugs
