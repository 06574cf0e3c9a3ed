// A bank: each datagram is a deposit. It reads the balance, waits for its disk, and writes what it
// read and one more. Without the lock, two deposits that overlap are one.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <functional>
#include <utility>

#include <rehearsal/server.hpp>
#include <rehearsal/sync.hpp>

struct Bank {
  bool locks = true;  // false: the bug is there
  int balance = 0;
  int deposits = 0;
  rehearsal::Mutex account;
  std::function<void(const Bank& bank)> audit;  // called after each deposit, if there is one
};

inline rehearsal::Task<> write_deposit(Bank& bank) {
  const int before = bank.balance;
  co_await rehearsal::sleep_for(std::chrono::microseconds(200));
  bank.balance = before + 1;
  ++bank.deposits;
  if (bank.audit) {
    bank.audit(bank);
  }
}

inline rehearsal::Task<> deposit(Bank& bank) {
  if (bank.locks) {
    const auto locked = co_await bank.account.lock();
    co_await write_deposit(bank);
  } else {
    co_await write_deposit(bank);
  }
}

// Serves the datagrams that come to `wire`.
template <rehearsal::Network Net>
rehearsal::Task<> serve_deposits(rehearsal::Host<Net>& host, rehearsal::Datagram<Net> wire,
                                 Bank& bank) {
  std::array<std::byte, 16> order{};
  for (;;) {
    co_await wire.recv_from(order);
    host.spawn("deposit", deposit(bank)).detach();
  }
}
