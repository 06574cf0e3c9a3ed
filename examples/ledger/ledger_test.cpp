#include "ledger.hpp"

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include <rehearsal/gtest.hpp>

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

rehearsal::Task<> run_ledger(auto& host, LedgerOptions options) {
  Ledger ledger(host, {"0.0.0.0", 25000}, options);
  co_await ledger.run();
}

// Adds 10 times 1, and takes the answers late, so that the ledger has to wait.
rehearsal::Task<> add_lazily(auto& host) {
  auto ledger = co_await host.connect({"ledger", 25000});
  std::string lines;
  for (int i = 0; i < 10; ++i) {
    lines += "add 1\n";
  }
  co_await ledger.send_all(lines);
  ledger.shutdown_send();
  co_await rehearsal::sleep_for(10ms);
  std::array<std::byte, 65536> page{};
  for (std::size_t n = 1; n != 0;) {
    n = co_await ledger.recv(page);
  }
}

// Adds 100, after which the total is at least that.
rehearsal::Task<> add_much(auto& host) {
  auto ledger = co_await host.connect({"ledger", 25000});
  co_await ledger.send_all("add 100\n");
  const std::string total = co_await ledger.recv_until("\n", 100'000);
  EXPECT_GE(std::stoi(total), 100);
}

REHEARSE(Ledger, loses_nothing_while_a_client_takes_no_answers, {.runs = 200}) {
  world.host("ledger").daemon().spawn("ledger", [](auto& host) {
    return run_ledger(host, LedgerOptions());  // a forgetful one fails
  });
  world.host("lazy").spawn("add", [](auto& host) { return add_lazily(host); });
  world.host("busy").spawn("add", [](auto& host) { return add_much(host); });
}

}  // namespace
