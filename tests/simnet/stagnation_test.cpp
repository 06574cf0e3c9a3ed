#include "simnet/stagnation.hpp"

#include <array>
#include <chrono>
#include <stdexcept>
#include <system_error>
#include <tuple>

#include <gtest/gtest.h>

#include "sched/sync/event.hpp"
#include "sched/sync/timeout.hpp"
#include "simnet/search/exhaustive.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::Task;

Task<> wait_for_ever() {
  sched::Event never;
  co_await never.wait();
}

// Sends a ping each `period` and reads the answer, as a client of a server with heartbeats.
Task<> beat(ProgramHost& host, sched::Duration period) {
  auto server = co_await host.connect({"server", 7});
  std::array<std::byte, 4> ping{};
  for (;;) {
    co_await sched::sleep_for(period);
    co_await server.send_all(ping);
    co_await server.recv_exactly(ping);
  }
}

// A client whose task waits forever beside its heartbeat.
void add_stuck_client(World& world, sched::Duration period) {
  add_echo(world, 0, 0);
  world.host("client").spawn("beat", [=](ProgramHost& host) { return beat(host, period); });
  world.host("client").spawn("main", [](ProgramHost& /*host*/) { return wait_for_ever(); });
}

TEST(Stagnation, finds_a_deadlock_beside_heartbeats) {
  World world;
  add_stuck_client(world, 1s);
  const RunReport report = world.run();
  ASSERT_TRUE(report.failure());
  EXPECT_EQ(report.failure()->kind, FailureKind::deadlock);
  EXPECT_EQ(report.failure()->what,
            "deadlock: tasks have waited for 1000 s, while others only repeat what timers start");
  EXPECT_EQ(report.failure()->where.substr(0, 20), "stagnation_test.cpp:");
  EXPECT_EQ(report.failure()->where.find(' '), std::string::npos) << "one line";
  EXPECT_GE(report.time, 1000s);
  EXPECT_LE(report.time, 1800s);
}

TEST(Stagnation, waits_as_long_as_the_options_say) {
  WorldOptions options;
  options.stuck_after = 100s;
  World world(Policy::nominal(), options);
  add_stuck_client(world, 1s);
  EXPECT_LE(world.run().time, 300s);
  options.stuck_after = 0s;
  World never(Policy::nominal(), options);
  add_stuck_client(never, 1s);
  const RunReport report = never.run();
  EXPECT_EQ(report.end, WorldEnd::time_limit);
  EXPECT_EQ(report.time, 1h);
}

TEST(Stagnation, finds_it_in_a_search) {
  Scenario scenario("stuck", "", [](World& world) { add_stuck_client(world, 100s); });
  Exhaustive exhaustive;
  const SearchReport report = search(scenario, {}, exhaustive);
  ASSERT_TRUE(report.failure);
  EXPECT_EQ(report.failure->report.failure()->kind, FailureKind::deadlock);
}

// Worlds that are not stuck, although a task waits for long.

TEST(Stagnation, is_not_what_an_older_timer_will_end) {
  World world;
  add_stuck_client(world, 1s);
  world.host("client").spawn("late", [](ProgramHost& /*host*/) -> Task<> {
    co_await sched::sleep_for(50min);
    throw std::runtime_error("at last");
  });
  EXPECT_GE(world.run().time, 50min);
}

TEST(Stagnation, is_not_what_the_scenario_will_end) {
  World world;
  add_stuck_client(world, 1s);
  world.at(50min).kill("client");
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(world.now(), sched::Instant(50min));
}

TEST(Stagnation, is_not_judged_while_a_property_is_pending) {
  World world;
  add_stuck_client(world, 1s);
  world.eventually("it is late", 50min, [&world] { return world.now() >= sched::Instant(49min); });
  EXPECT_GE(world.run().time, 49min);
}

TEST(Stagnation, is_not_a_program_that_comes_to_new_lines) {
  World world;
  add_echo(world, 0, 0);
  sched::Event& done = world.make<sched::Event>();
  world.host("client").spawn("main",
                             [&](ProgramHost& /*host*/) -> Task<> { co_await done.wait(); });
  world.host("client").spawn("work", [&](ProgramHost& /*host*/) -> Task<> {
    for (int i = 0; i < 900; ++i) {
      co_await sched::sleep_for(1s);
    }
    for (int i = 0; i < 900; ++i) {
      co_await sched::sleep_for(1s);
    }
    done.set();
  });
  EXPECT_TRUE(world.run().ok());
}

TEST(Stagnation, is_not_a_task_that_waits_for_one_that_works) {
  World world;
  add_echo(world, 0, 0);
  world.host("client").spawn("main", [](ProgramHost& host) -> Task<> {
    auto worker = host.spawn("work", [](ProgramHost& /*host*/) -> Task<> {
      for (int i = 0; i < 3000; ++i) {
        co_await sched::sleep_for(1s);
      }
    });
    co_await worker.join();
  });
  EXPECT_TRUE(world.run().ok());
}

TEST(Stagnation, is_not_a_server_that_waits_for_a_client) {
  World world;
  add_echo(world, 0, 0);
  world.host("client").spawn([](ProgramHost& host) -> Task<> {
    auto idle = co_await host.connect({"server", 7});
    for (int i = 0; i < 3000; ++i) {
      co_await sched::sleep_for(1s);
    }
  });
  EXPECT_TRUE(world.run().ok());
}

// The peer of a silent connection is gone, which TCP's keepalive finds out after half an hour.
TEST(Stagnation, is_not_what_a_timer_of_the_kernel_will_end) {
  World world;
  add_echo(world, 0, 0);
  sched::StreamOptions options;
  options.keep_alive_idle = 30min;
  options.keep_alive_interval = 10s;
  options.keep_alive_count = 3;
  world.host("client").spawn([options](ProgramHost& host) -> Task<> {
    auto server = co_await host.connect({"server", 7}, options);
    std::array<std::byte, 1> byte{};
    try {
      std::ignore = co_await server.recv(byte);
    } catch (const std::system_error& error) {
      EXPECT_EQ(error.code(), std::errc::timed_out);
    }
  });
  world.at(1s).power_off("server");
  EXPECT_TRUE(world.run().ok());
  EXPECT_GE(world.now(), sched::Instant(30min));
}

// Packets take 100 s, and no timer is set.
TEST(Stagnation, is_not_judged_by_the_time_before_run) {
  WorldOptions options;
  options.link.latency = 100s;
  World world(Policy::nominal(), options);
  world.host("b").daemon().spawn([](ProgramHost& host) -> Task<> {
    auto socket = host.bind({"0.0.0.0", 9});
    std::array<std::byte, 1> byte{};
    for (;;) {
      const sched::Received received = co_await socket.recv_from(byte);
      co_await socket.send_to(byte, received.from);
    }
  });
  const sched::Endpoint to = world.host("b").endpoint(9);
  world.host("a").spawn([to](ProgramHost& host) -> Task<> {
    auto socket = host.bind({"0.0.0.0", 9});
    std::array<std::byte, 1> byte{};
    for (int i = 0; i < 15; ++i) {
      co_await socket.send_to(byte, to);
      std::ignore = co_await socket.recv_from(byte);
    }
  });
  EXPECT_EQ(world.run_for(1950s).end, WorldEnd::condition);
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(world.now().time_since_epoch() / 100s, 30);
}

TEST(TimeLimit, names_the_tasks_that_have_waited_longest) {
  WorldOptions options;
  options.stuck_after = 0s;
  World world(Policy::nominal(), options);
  add_stuck_client(world, 1s);
  const std::string what = world.run().failure().value().what;
  EXPECT_EQ(what.substr(0, 68),
            "virtual time limit of 3600 s reached; waited longest: client/main wa");
  EXPECT_NE(what.find("event at stagnation_test.cpp:"), std::string::npos) << what;
}

}  // namespace
}  // namespace rehearsal::simnet
