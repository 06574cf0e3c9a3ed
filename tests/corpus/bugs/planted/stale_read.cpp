// A primary that was replaced while it was unreachable still answers reads from memory. The fixed
// variant answers only during its lease, counted from before it requested the lease.
#include <algorithm>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

constexpr sched::Duration reader_lease = 50ms;

// Decides which node is primary, and keeps the value that is written.
class LeasingStore {
 public:
  explicit LeasingStore(Host& host) : host_(host) {}

  sched::Task<std::string> answer(std::string question) {
    const std::vector<std::string> words = words_of(question);  // "renew WHO", "write WHO VALUE"
    const sched::Instant now = host_.now();
    if (words[0] == "renew" && (words[1] == primary_ || now >= until_)) {
      primary_ = words[1];
      until_ = now + reader_lease;
      co_return "primary " + std::to_string(value_);
    }
    if (words[0] == "write" && words[1] == primary_ && now < until_) {
      value_ = std::stoi(words[2]);
      co_return "ok";
    }
    co_return "no";
  }

 private:
  Host& host_;
  std::string primary_ = "db-0";
  sched::Instant until_{};
  int value_ = 0;
};

sched::Task<> run_store(Host& host) {
  LeasingStore store(host);
  const Answer answer = [&store](std::string question) {
    return store.answer(std::move(question));
  };
  co_await serve_answers(host, answer);
}

class Database {
 public:
  Database(Version version, Host& host) : version_(version), host_(host) {}

  sched::Task<> renew() {
    for (;;) {
      const sched::Instant asked = host_.now();
      const auto answer = co_await try_ask(host_, "store", "renew " + host_.network().name(), 20ms);
      if (answer) {
        const std::vector<std::string> words = words_of(*answer);
        primary_ = words[0] == "primary";
        if (primary_) {
          value_ = std::max(value_, std::stoi(words[1]));
          until_ = asked + reader_lease;
        }
      }
      co_await sched::sleep_for(10ms);
    }
  }

  sched::Task<std::string> answer(std::string question) {
    const std::vector<std::string> words = words_of(question);  // "read", "write VALUE"
    if (words[0] == "write") {
      const std::string order = "write " + host_.network().name() + ' ' + words[1];
      const auto done = co_await try_ask(host_, "store", order, 20ms);
      if (!done || *done != "ok") {
        co_return "no";
      }
      value_ = std::max(value_, std::stoi(words[1]));
      co_return "ok";
    }
    if (!primary_ || (version_ == Version::fixed && host_.now() >= until_)) {
      co_return "no";
    }
    co_return std::to_string(value_);
  }

 private:
  Version version_;
  Host& host_;
  bool primary_ = false;
  sched::Instant until_{};  // end of its lease
  int value_ = 0;
};

sched::Task<> run_database(Version version, Host& host) {
  Database database(version, host);
  sched::TaskGroup renewal(host);
  renewal.spawn("renew", database.renew());
  const Answer answer = [&database](std::string question) {
    return database.answer(std::move(question));
  };
  co_await serve_answers(host, answer);
}

// Returns the answer of the first database that does not refuse.
sched::Task<std::optional<std::string>> ask_any(Host& host, std::string question) {
  for (const char* database : {"db-0", "db-1"}) {
    auto answer = co_await try_ask(host, database, question, 20ms);
    if (answer && *answer != "no") {
      co_return answer;
    }
  }
  co_return std::nullopt;
}

sched::Task<> write_values(std::shared_ptr<int> written, Host& host) {
  for (int value = 1; value <= 20; ++value) {
    const auto answer = co_await ask_any(host, "write " + std::to_string(value));
    if (answer) {
      *written = value;
    }
    co_await sched::sleep_for(10ms);
  }
}

sched::Task<> read_values(World& world, std::shared_ptr<int> written, Host& host) {
  for (int i = 0; i < 30; ++i) {
    const int least = *written;
    const auto answer = co_await ask_any(host, "read");
    world.always("a read sees what was written before", !answer || std::stoi(*answer) >= least);
    co_await sched::sleep_for(10ms);
  }
}

}  // namespace

Scenario stale_read(Version version) {
  return {
      "stale_read", "A primary is cut off from all but a reader", [version](World& world) {
        auto written = std::make_shared<int>(0);
        world.host("store").spawn("serve", run_store);
        for (const char* name : {"db-0", "db-1"}) {
          world.host(name).spawn("serve",
                                 [version](Host& host) { return run_database(version, host); });
        }
        world.host("writer").spawn("write",
                                   [written](Host& host) { return write_values(written, host); });
        world.host("reader").spawn(
            "read", [&world, written](Host& host) { return read_values(world, written, host); });
        world.survives({simnet::partition("db-0", "store"), simnet::partition("db-0", "writer")},
                       {.at_once = 2, .in_all = 2, .until = 300ms});
      }};
}

}  // namespace rehearsal::bugs
