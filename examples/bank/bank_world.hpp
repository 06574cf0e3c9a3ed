// The bank and three customers, in a world.
#pragma once

#include <array>
#include <chrono>
#include <cstddef>
#include <string>

#include <rehearsal/gtest.hpp>

#include "bank.hpp"

template <rehearsal::Network Net>
rehearsal::Task<> send_orders(rehearsal::Host<Net>& host, int turn) {
  auto wire = host.bind({"0.0.0.0", 0});
  const std::array<std::byte, 1> order{};
  const auto to = co_await host.resolve("bank");
  for (int i = 0; i < 10; ++i) {
    const auto at = std::chrono::milliseconds(3 * i + turn);
    co_await rehearsal::sleep_until(rehearsal::Instant(at));
    co_await wire.send_to(order, to.front().with_port(7));
  }
}

inline void add_bank(rehearsal::World& world, bool locks) {
  auto& bank = world.make<Bank>();
  bank.locks = locks;
  bank.audit = [](const Bank& now) { EXPECT_EQ(now.balance, now.deposits) << "a deposit is lost"; };
  world.host("bank").daemon().spawn(
      [&](auto& host) { return serve_deposits(host, host.bind({"0.0.0.0", 7}), bank); });
  for (int turn = 1; turn <= 3; ++turn) {
    world.host("client-" + std::to_string(turn)).spawn([turn](auto& host) {
      return send_orders(host, turn);
    });
  }
}
