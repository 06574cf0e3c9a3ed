// A primary whose backup does not answer continues alone. If it crashes then, its clients fail over
// to the backup, which lacks what was written meanwhile. It takes three things: a partition of the
// two, a write that is acknowledged during it, and a crash before the next write. In the fixed
// variant the primary first tells a registry that it is alone, and the backup asks there.
#include <algorithm>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr sched::Duration backup_patience = 15ms;
constexpr sched::Duration client_patience = 100ms;

class Registry {
 public:
  // Answers "alone NUMBER" and "paired NUMBER" of the primary, and "who" of the backup. A state is
  // replaced by that of a later write only.
  sched::Task<std::string> answer(std::string question) {
    const std::vector<std::string> words = words_of(question);
    if (words[0] != "who" && std::stoi(words[1]) > number_) {
      number_ = std::stoi(words[1]);
      alone_ = words[0] == "alone";
    }
    co_return alone_ ? "alone" : "paired";
  }

 private:
  int number_ = 0;
  bool alone_ = false;
};

sched::Task<> run_registry(Host& host) {
  Registry registry;
  const Answer answer = [&registry](std::string question) {
    return registry.answer(std::move(question));
  };
  co_await serve_answers(host, answer);
}

// Writes the value, a number that is higher than all before.
sched::Task<std::string> put(Version version, Host& host, std::string value) {
  const auto copied = co_await try_ask(host, "backup", "copy " + value, backup_patience);
  if (version == Version::fixed) {
    const std::string state = copied ? "paired " : "alone ";
    const auto noted = co_await try_ask(host, "registry", state + value, backup_patience);
    co_return copied || noted ? "ok" : "no";
  }
  co_return "ok";
}

// Answers "copy VALUE" of the primary, and "get" of a client that has given the primary up.
sched::Task<std::string> back_up(Host& host, int& value, std::string question) {
  const std::vector<std::string> words = words_of(question);
  if (words[0] == "copy") {
    value = std::max(value, std::stoi(words[1]));
    co_return "ok";
  }
  const auto state = co_await try_ask(host, "registry", "who", backup_patience);
  co_return state && *state == "paired" ? std::to_string(value) : "no";
}

sched::Task<> run_backup(Host& host) {
  int value = 0;
  const Answer answer = [&host, &value](std::string question) {
    return back_up(host, value, std::move(question));
  };
  co_await serve_answers(host, answer);
}

sched::Task<> write_until_failover(World& world, Host& host) {
  int acknowledged = 0;
  for (int value = 1; value <= 8; ++value) {
    co_await sched::sleep_for(10ms);
    const auto answer = co_await try_ask(host, "primary", std::to_string(value), client_patience);
    if (answer && *answer == "ok") {
      acknowledged = value;
    }
    if (!answer) {
      const auto found = co_await try_ask(host, "backup", "get", client_patience);
      world.always("the backup has what was acknowledged",
                   !found || *found == "no" || std::stoi(*found) >= acknowledged);
      break;
    }
  }
}

}  // namespace

Scenario solo_primary(Version version) {
  return {"solo_primary", "A primary without its backup crashes", [version](World& world) {
            world.host("registry").spawn("serve", run_registry);
            world.host("backup").spawn("serve", run_backup);
            world.host("primary").spawn("serve", [version](Host& host) {
              return serve_answers(host, [version, &host](std::string value) {
                return put(version, host, std::move(value));
              });
            });
            world.host("client").spawn(
                "write", [&world](Host& host) { return write_until_failover(world, host); });
            world.survives({simnet::partition("primary", "backup"), simnet::crash("primary")},
                           {.at_once = 2, .in_all = 2, .until = 300ms});
          }};
}

}  // namespace rehearsal::bugs
