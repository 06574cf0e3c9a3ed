// A primary acknowledges a write before its backup has it. If it loses power in between, the write
// is lost, although the client received the acknowledgement.
#include <set>

#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Log {
  std::vector<std::string> entries;
  std::size_t replicated = 0;
  sched::Event appended;
  sched::Event acknowledged;
};

sched::Task<> replicate(Log& log, Host& host) {
  Stream backup = co_await host.connect({"backup", port});
  for (;;) {
    while (log.replicated == log.entries.size()) {
      log.appended.clear();
      co_await log.appended.wait();
    }
    co_await send_line(backup, log.entries[log.replicated]);
    co_await expect_line(backup);
    ++log.replicated;
    log.acknowledged.set();
  }
}

sched::Task<std::string> put(Version version, Log& log, std::string key) {
  log.entries.push_back(std::move(key));
  const std::size_t mine = log.entries.size();
  log.appended.set();
  while (version == Version::fixed && log.replicated < mine) {
    log.acknowledged.clear();
    co_await log.acknowledged.wait();
  }
  co_return "ok";
}

sched::Task<> run_primary(Version version, Host& host) {
  Log log;
  sched::TaskGroup replication(host);
  replication.spawn("replicate", replicate(log, host));
  const Answer answer = [version, &log](std::string key) {
    return put(version, log, std::move(key));
  };
  co_await serve_answers(host, answer);
}

sched::Task<std::string> back_up(std::shared_ptr<std::set<std::string>> keys, std::string key) {
  keys->insert(std::move(key));
  co_return "ok";
}

sched::Task<> write_keys(World& world, std::shared_ptr<std::set<std::string>> backup, Host& host) {
  std::vector<std::string> safe;
  for (int i = 0; i < 4; ++i) {
    co_await until(i * 5ms);
    const std::string key = "key-" + std::to_string(i);
    const auto answer = co_await try_ask(host, "primary", key, 100ms);
    if (answer) {
      safe.push_back(key);
    }
  }
  co_await until(1s);
  for (const std::string& key : safe) {
    world.always("the backup has what was acknowledged", backup->contains(key));
  }
}

}  // namespace

Scenario early_ack(Version version) {
  Scenario scenario(
      "early_ack", "A primary that answers before its backup does loses its power",
      [version](World& world) {
        auto keys = std::make_shared<std::set<std::string>>();
        world.host("backup").spawn("serve", [keys](Host& host) {
          return serve_answers(host,
                               [keys](std::string key) { return back_up(keys, std::move(key)); });
        });
        world.host("primary").spawn("serve",
                                    [version](Host& host) { return run_primary(version, host); });
        world.host("client").spawn(
            "write", [&world, keys](Host& host) { return write_keys(world, keys, host); });
        world.survives({simnet::power_loss("primary")}, {.in_all = 1, .until = 500ms});
      });
  return scenario;
}

}  // namespace rehearsal::bugs
