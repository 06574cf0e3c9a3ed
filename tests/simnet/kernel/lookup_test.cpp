// A name may not resolve, or resolve to an address that the host has no longer.
#include <algorithm>
#include <optional>
#include <vector>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

Task<> look_up(ProgramHost& host, std::vector<std::errc>& errors, int times) {
  for (int i = 0; i < times; ++i) {
    try {
      co_await host.resolve("server");
      errors.emplace_back();
    } catch (const std::system_error& error) {
      errors.push_back(static_cast<std::errc>(error.code().value()));
    }
  }
}

TEST(Lookup, fails_with_the_error_that_the_value_selects) {
  for (std::uint32_t value = 1; value <= resolve_errors.size(); ++value) {
    World world({{{Site::lookup, "client:server", 1}, value}});
    world.host("server");
    std::vector<std::errc> errors;
    world.host("client").spawn([&](ProgramHost& host) { return look_up(host, errors, 3); });
    EXPECT_TRUE(world.run().ok());
    EXPECT_EQ(errors, (std::vector<std::errc>{{}, resolve_errors[value - 1], {}}));
    EXPECT_EQ(world.choices().count(Site::lookup).mattered, 1U);
  }
}

struct Attempts {
  std::vector<std::errc> errors;
  std::optional<sched::Duration> connected;
};

// Connects until it succeeds, at most 4 times: looks up the name each time, or only once.
Task<> connect(ProgramHost& host, Attempts& attempts, bool caches) {
  std::vector<sched::Endpoint> known;
  for (int i = 0; i < 4 && !attempts.connected; ++i) {
    try {
      if (!caches || known.empty()) {
        known = co_await host.resolve("server");
      }
      auto stream = co_await host.connect(known.front().with_port(7));
      attempts.connected = host.now().time_since_epoch();
    } catch (const std::system_error& error) {
      attempts.errors.push_back(static_cast<std::errc>(error.code().value()));
    }
  }
}

Attempts run_with_stale_address(std::uint32_t milliseconds, bool caches) {
  World world({{{Site::stale, "client:server", 0}, milliseconds}});
  world.host("server").daemon().spawn("serve", echo_server);
  Attempts attempts;
  Attempts others;
  world.host("client").spawn([&](ProgramHost& host) { return connect(host, attempts, caches); });
  world.host("other").spawn([&](ProgramHost& host) { return connect(host, others, caches); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_TRUE(world.choices().not_applied().empty());
  EXPECT_TRUE(others.errors.empty());
  return attempts;
}

TEST(Lookup, returns_an_old_address_until_its_time_is_over) {
  const Attempts once = run_with_stale_address(1, false);
  EXPECT_EQ(once.errors, std::vector(1, std::errc::host_unreachable));
  EXPECT_GE(once.connected.value(), 3s);
  const Attempts twice = run_with_stale_address(5'000, false);
  EXPECT_EQ(twice.errors, std::vector(2, std::errc::host_unreachable));
  EXPECT_GE(twice.connected.value(), 6s);
}

TEST(Lookup, returns_an_old_address_that_no_host_has) {
  World world({{{Site::stale, "client:server", 0}, 1}});
  world.host("server");  // 10.0.0.1
  std::vector<sched::Endpoint> found;
  world.host("client").spawn(
      [&found](ProgramHost& host) -> Task<> { found = co_await host.resolve("server"); });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(found, std::vector({sched::Endpoint("10.128.0.1", 0)}));
}

TEST(Lookup, of_a_client_that_keeps_an_old_address_never_connects) {
  const Attempts attempts = run_with_stale_address(1, true);
  EXPECT_EQ(attempts.errors, std::vector(4, std::errc::host_unreachable));
  EXPECT_FALSE(attempts.connected);
}

TEST(Lookup, neither_fails_nor_is_stale_by_default) {
  EXPECT_EQ(Rates::usual()[Site::lookup].per_million, 0U);
  EXPECT_EQ(Rates::usual()[Site::stale].per_million, 0U);
}

}  // namespace
}  // namespace rehearsal::simnet
