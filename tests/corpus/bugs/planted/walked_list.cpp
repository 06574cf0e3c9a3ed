// A list may change while a loop over it waits at a co_await: when a member leaves, the rest move
// up and one of them is skipped. The fixed variant iterates over a copy.
#include <map>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Publisher {
  std::vector<std::string> subscribers = {"subscriber-0", "subscriber-1", "subscriber-2"};
};

sched::Task<> tell(Version version, Host& host, Publisher& publisher, std::string news) {
  const std::vector<std::string> copy = publisher.subscribers;
  const std::vector<std::string>& walked = version == Version::buggy ? publisher.subscribers : copy;
  for (std::size_t i = 0; i < walked.size(); ++i) {
    co_await try_ask(host, walked[i], news, 1s);
  }
}

sched::Task<> publish(Version version, Host& host, Publisher& publisher) {
  for (int i = 1; i <= 3; ++i) {
    co_await until(i * 20ms);
    co_await tell(version, host, publisher, std::to_string(i));
  }
}

sched::Task<std::string> leave(Publisher& publisher, std::string who) {
  std::erase(publisher.subscribers, who);
  co_return "bye";
}

sched::Task<> run_publisher(Version version, Host& host) {
  Publisher publisher;
  sched::TaskGroup tasks(host);
  tasks.spawn(publish(version, host, publisher));
  const Answer answer = [&publisher](std::string who) { return leave(publisher, std::move(who)); };
  co_await serve_answers(host, answer);
}

using Heard = std::map<std::string, int>;

sched::Task<std::string> hear(std::shared_ptr<Heard> heard, std::string who, std::string /*news*/) {
  ++(*heard)[who];
  co_return "thanks";
}

sched::Task<> leave_later(World& world, std::shared_ptr<Heard> heard, Host& host) {
  co_await until(50ms);
  co_await ask(host, "publisher", "subscriber-0");
  co_await until(1s);
  world.always("who stays hears all news",
               (*heard)["subscriber-1"] == 3 && (*heard)["subscriber-2"] == 3);
}

}  // namespace

Scenario walked_list(Version version) {
  return {"walked_list", "A subscriber leaves while a publisher walks the list of them",
          [version](World& world) {
            auto heard = std::make_shared<Heard>();
            world.host("publisher").spawn("publish", [version](Host& host) {
              return run_publisher(version, host);
            });
            for (int i = 0; i < 3; ++i) {
              const std::string name = "subscriber-" + std::to_string(i);
              world.host(name).spawn("hear", [heard, name](Host& host) {
                return serve_answers(host, [heard, name](std::string news) {
                  return hear(heard, name, std::move(news));
                });
              });
            }
            world.host("reader").spawn(
                "leave", [&world, heard](Host& host) { return leave_later(world, heard, host); });
          }};
}

}  // namespace rehearsal::bugs
