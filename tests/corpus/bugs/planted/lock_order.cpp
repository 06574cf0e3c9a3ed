// Two locks are taken in either order: a transfer from 0 to 1 holds 0 and waits for 1, one from 1
// to 0 holds 1 and waits for 0.
#include <algorithm>
#include <array>

#include "sched/sync/mutex.hpp"
#include "tests/corpus/bugs/planted/parts.hpp"
#include "tests/corpus/bugs/planted/scenarios.hpp"

namespace rehearsal::bugs {
namespace {

struct Account {
  sched::Mutex mutex;
  int balance = 100;
};
using Accounts = std::array<Account, 2>;

sched::Task<std::string> transfer(Version version, Host& host, Accounts& accounts,
                                  std::string order) {
  std::size_t from = order == "0 to 1" ? 0 : 1;
  std::size_t to = 1 - from;
  auto first = version == Version::buggy ? from : std::min(from, to);
  auto lock = co_await accounts[first].mutex.lock();
  const auto read_journal = [] {};
  co_await host.run_blocking(read_journal);
  auto other_lock = co_await accounts[1 - first].mutex.lock();
  accounts[from].balance -= 1;
  accounts[to].balance += 1;
  co_return "done";
}

sched::Task<> run_bank(Version version, Host& host) {
  Accounts accounts;
  const Answer answer = [version, &host, &accounts](std::string order) {
    return transfer(version, host, accounts, std::move(order));
  };
  co_await serve_answers(host, answer);
}

sched::Task<> send_money(Host& host, sched::Duration first, std::string order) {
  for (int i = 0; i < 3; ++i) {
    co_await until(first + i * 10ms);
    co_await ask(host, "bank", order);
  }
}

}  // namespace

Scenario lock_order(Version version) {
  return {"lock_order", "Transfers between two accounts lock both, the payer's first",
          [version](World& world) {
            world.host("bank").spawn("serve",
                                     [version](Host& host) { return run_bank(version, host); });
            world.host("client-0").spawn("send", [](Host& host) {
              return send_money(host, 0ms, "0 to 1");
            });
            world.host("client-1").spawn("send", [](Host& host) {
              return send_money(host, 5ms, "1 to 0");
            });
          }};
}

}  // namespace rehearsal::bugs
