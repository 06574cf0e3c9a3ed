// A bank that takes orders as datagrams. It reads the balance, waits for its disk, and writes what
// it read and one more; where it does not lock the account, two deposits that overlap are one.
#pragma once

#include <chrono>
#include <cstddef>
#include <string>
#include <vector>

#include "harness/gtest/rehearse.hpp"
#include "sched/host.hpp"
#include "sched/sync/mutex.hpp"
#include "sched/sync/sleep.hpp"

namespace rehearsal::harness {

struct Bank {
  bool locks = false;
  int balance = 0;
  int deposits = 0;
  sched::Mutex account;
};

inline sched::Task<> write_deposit(Bank& bank) {
  const int before = bank.balance;
  co_await sched::sleep_for(std::chrono::microseconds(200));
  bank.balance = before + 1;
  ++bank.deposits;
  EXPECT_EQ(bank.balance, bank.deposits) << "a deposit is lost";
}

inline sched::Task<> deposit(Bank& bank) {
  if (bank.locks) {
    const auto locked = co_await bank.account.lock();
    co_await write_deposit(bank);
  } else {
    co_await write_deposit(bank);
  }
}

template <sched::Network Net>
sched::Task<> serve_deposits(sched::Host<Net>& host, Bank& bank) {
  auto wire = host.bind({"0.0.0.0", 7});
  std::vector<std::byte> order(16);
  for (;;) {
    co_await wire.recv_from(order);
    host.spawn("deposit", deposit(bank)).detach();
  }
}

template <sched::Network Net>
sched::Task<> send_orders(sched::Host<Net>& host, int turn) {
  auto wire = host.bind({"0.0.0.0", 0});
  const std::vector<std::byte> order(1);
  const auto to = co_await host.resolve("bank");
  for (int i = 0; i < 10; ++i) {
    const auto at = std::chrono::milliseconds(3 * i + turn);
    co_await sched::sleep_until(sched::Instant(at));
    co_await wire.send_to(order, to.front().with_port(7));
  }
}

inline void add_bank(simnet::World& world, bool locks) {
  auto& bank = world.make<Bank>();
  bank.locks = locks;
  world.host("bank").daemon().spawn([&](auto& host) { return serve_deposits(host, bank); });
  for (int turn = 1; turn <= 3; ++turn) {
    world.host("client-" + std::to_string(turn)).spawn([turn](auto& host) {
      return send_orders(host, turn);
    });
  }
}

}  // namespace rehearsal::harness
