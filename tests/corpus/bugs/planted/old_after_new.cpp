// A register on three replicas, two of which have to answer. A read that sees an unfinished write
// must make sure that the next read sees it too. The fixed variant writes back the value that it
// read (Attiya, Bar-Noy, Dolev: Sharing memory robustly in message-passing systems, JACM 1995).
#include <algorithm>

#include "sched/sync/channel.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr std::size_t replica_count = 3;

// Keeps the largest value that it received.
sched::Task<std::string> replica_answer(std::shared_ptr<int> kept, std::string question) {
  const std::vector<std::string> words = words_of(question);  // "read", "write VALUE"
  if (words[0] == "write") {
    *kept = std::max(*kept, std::stoi(words[1]));
  }
  co_return std::to_string(*kept);
}

class Register {
 public:
  explicit Register(Host& host) : host_(host), questions_(host) {}

  sched::Task<int> read(Version version) {
    const int value = co_await ask_majority("read");
    if (version == Version::fixed) {
      co_await write(value);
    }
    co_return value;
  }
  sched::Task<> write(int value) { co_await ask_majority("write " + std::to_string(value)); }

 private:
  using Answers = sched::Channel<std::string>;

  // Returns the larger of the first two answers; the third question continues.
  sched::Task<int> ask_majority(std::string question) {
    const auto answers = std::make_shared<Answers>(replica_count);
    for (std::size_t i = 0; i < replica_count; ++i) {
      questions_.spawn(ask_one("replica-" + std::to_string(i), question, answers));
    }
    int largest = 0;
    for (std::size_t i = 0; i < replica_count / 2 + 1; ++i) {
      const auto answer = co_await answers->recv();
      largest = std::max(largest, std::stoi(*answer));
    }
    co_return largest;
  }
  sched::Task<> ask_one(std::string replica, std::string question,
                        std::shared_ptr<Answers> answers) {
    std::string answer = co_await ask(host_, std::move(replica), std::move(question));
    co_await answers->send(std::move(answer));
  }

  Host& host_;
  sched::Supervisor questions_;
};

sched::Task<> write_value(Host& host) {
  Register replicated(host);
  co_await until(10ms);
  co_await replicated.write(1);
}

sched::Task<> read_values(Version version, World& world, std::shared_ptr<int> seen, Host& host,
                          sched::Duration at) {
  Register replicated(host);
  co_await until(at);
  for (int i = 0; i < 4; ++i) {
    const int least = *seen;
    const int value = co_await replicated.read(version);
    world.always("a read sees no less than one that was over before it", value >= least);
    *seen = std::max(*seen, value);
    co_await sched::sleep_for(1ms);
  }
}

}  // namespace

Scenario old_after_new(Version version) {
  Scenario scenario(
      "old_after_new", "Two read a replicated register while a third writes it",
      [version](World& world) {
        auto seen = std::make_shared<int>(0);
        for (std::size_t i = 0; i < replica_count; ++i) {
          auto kept = std::make_shared<int>(0);
          world.host("replica-" + std::to_string(i)).spawn("serve", [kept](Host& host) {
            return serve_answers(host, [kept](std::string question) {
              return replica_answer(kept, std::move(question));
            });
          });
        }
        world.host("writer").spawn("write", write_value);
        for (int i = 0; i < 2; ++i) {
          world.host("reader-" + std::to_string(i))
              .spawn("read", [version, &world, seen, i](Host& host) {
                return read_values(version, world, seen, host, 10ms + i * 1ms);
              });
        }
      });
  scenario.rates[Site::late].most = 20'000;
  return scenario;
}

}  // namespace rehearsal::bugs
