#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "simnet/choices/named_policy.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"
#include "simnet/search/tally.hpp"
#include "simnet/world.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;
using testing::ElementsAre;

using Heard = std::multiset<std::string>;

std::span<const std::byte> bytes_of(std::string_view text) {
  return std::as_bytes(std::span(text));
}

// Notes each datagram that arrives, with its text, and when the last one did.
Task<> hear(ProgramHost& host, Heard& heard, sched::Duration& at, std::string as) {
  auto socket = host.bind({"0.0.0.0", 9});
  std::array<std::byte, 16> buffer{};
  for (;;) {
    const sched::Received received = co_await socket.recv_from(buffer);
    at = host.now().time_since_epoch();
    heard.insert(as + ':' +
                 std::string(reinterpret_cast<const char*>(buffer.data()), received.size));
  }
}

// Two listeners and a sender, which sends to each of them in one resumption, then returns.
struct TwoSends {
  explicit TwoSends(World& world) {
    for (const char* name : {"a", "b"}) {
      world.host(name).daemon().spawn(
          "hear", [this, name](ProgramHost& host) { return hear(host, heard, at[name], name); });
    }
    const auto a = world.host("a").endpoint(9);
    const auto b = world.host("b").endpoint(9);
    world.host("sender").spawn("send", [a, b](ProgramHost& host) -> Task<> {
      auto socket = host.bind({"0.0.0.0", 8});
      co_await socket.send_to(bytes_of("x"), a);
      co_await socket.send_to(bytes_of("x"), b);
      co_await sched::sleep_for(20ms);  // the datagrams arrive
    });
  }
  Heard heard;
  std::map<std::string, sched::Duration> at;
};

Deviation fault(Site site, std::string entity, std::uint32_t moment, std::uint32_t milliseconds) {
  return {{site, std::move(entity), moment}, milliseconds};
}

// Runs TwoSends with one fault at each of the sender's moments. Calls check(moment, sends, world).
template <class Check>
void at_each_moment(const HostFault& allowed, std::string entity, std::uint32_t lasts,
                    Check check) {
  for (std::uint32_t moment = 0; moment < 20; ++moment) {
    World world({fault(allowed.site, entity, moment, lasts)});
    TwoSends sends(world);
    world.survives({allowed});
    const RunReport report = world.run();
    EXPECT_EQ(report.end, WorldEnd::done) << report.to_string();
    if (!world.choices().not_applied().empty()) {
      return;
    }
    check(moment, sends, world);
  }
  FAIL() << "the sender has fewer moments";
}

TEST(Survives, a_crash_falls_between_two_sends_of_one_resumption) {
  std::set<Heard> seen;
  at_each_moment(crash("sender"), "sender", 5,
                 [&](std::uint32_t /*moment*/, const TwoSends& sends, const World& world) {
                   seen.insert(sends.heard);
                   EXPECT_GE(world.now().time_since_epoch(), 5ms);
                 });
  EXPECT_THAT(seen, ElementsAre(Heard{"a:x", "a:x", "b:x"}, Heard{"a:x", "a:x", "b:x", "b:x"},
                                Heard{"a:x", "b:x"}));
}

TEST(Survives, power_loss_ends_what_a_process_does_at_the_call) {
  std::set<Heard> seen;
  at_each_moment(power_loss("sender"), "sender", 5,
                 [&](std::uint32_t /*moment*/, const TwoSends& sends, const World& /*world*/) {
                   seen.insert(sends.heard);
                 });
  EXPECT_THAT(seen, ElementsAre(Heard{"a:x", "a:x", "b:x"}, Heard{"a:x", "a:x", "b:x", "b:x"},
                                Heard{"a:x", "b:x"}));
}

TEST(Survives, a_pause_at_a_call_delays_that_call_and_what_follows) {
  std::set<std::pair<bool, bool>> late;  // whether each datagram arrived late
  at_each_moment(pause("sender"), "sender", 5,
                 [&](std::uint32_t /*moment*/, const TwoSends& sends, const World& /*world*/) {
                   EXPECT_THAT(sends.heard, ElementsAre("a:x", "b:x"));
                   late.emplace(sends.at.at("a") > 5ms, sends.at.at("b") > 5ms);
                 });
  EXPECT_THAT(late,
              ElementsAre(std::pair(false, false), std::pair(false, true), std::pair(true, true)));
}

// Both faults may happen at one call; the second one then happens after the pause.
TEST(Survives, a_fault_after_a_pause_at_one_call_ends_before_the_quiet_period) {
  for (std::uint32_t moment = 0; moment < 100; ++moment) {
    World world({fault(Site::pause, "sender", moment / 10, 15),
                 fault(Site::partition, "sender+a", moment % 10, 15)});
    TwoSends sends(world);
    world.host("clock").spawn("tick", []([[maybe_unused]] ProgramHost& host) -> Task<> {
      for (int tick = 0; tick < 40; ++tick) {
        co_await sched::sleep_for(1ms);
      }
    });
    world.survives({pause("sender"), partition("sender", "a")}, {.at_once = 2, .until = 20ms});
    world.invariant("the quiet period is quiet", [&world] {
      return world.now().time_since_epoch() <= 20ms || world.link("sender", "a").open();
    });
    const RunReport report = world.run();
    EXPECT_EQ(report.end, WorldEnd::done) << "moment " << moment << ": " << report.to_string();
  }
}

TEST(Survives, a_clock_jump_moves_the_clock_of_one_host) {
  World world({fault(Site::clock, "sleeper", 1, 700)});
  sched::Instant awake{};
  sched::Duration waited{};
  sched::Duration by_wall_clock{};
  world.host("sleeper").spawn("sleep", [&](ProgramHost& host) -> Task<> {
    co_await sched::sleep_for(10ms);
    const sched::Instant before = host.now();
    const sched::WallTime wall_before = host.wall_clock();
    co_await sched::sleep_for(1s);
    awake = world.now();
    waited = host.now() - before;
    by_wall_clock = host.wall_clock() - wall_before;
  });
  world.survives({clock_jump("sleeper")});
  EXPECT_EQ(world.run().end, WorldEnd::done);
  EXPECT_TRUE(world.choices().not_applied().empty());
  EXPECT_GE(waited, 1s);
  EXPECT_GE(by_wall_clock, 1s);
  EXPECT_LT(awake.time_since_epoch(), 1s);
}

TEST(Survives, a_partition_cuts_the_call_at_which_it_begins_and_heals) {
  std::set<Heard> seen;
  at_each_moment(partition("sender", "a"), "sender+a", 5,
                 [&](std::uint32_t /*moment*/, const TwoSends& sends, World& world) {
                   seen.insert(sends.heard);
                   EXPECT_TRUE(world.link("sender", "a").open());
                   EXPECT_TRUE(world.link("a", "sender").open());
                 });
  EXPECT_THAT(seen, ElementsAre(Heard{"a:x", "b:x"}, Heard{"b:x"}));
}

TEST(Survives, a_one_way_partition_leaves_the_other_direction_open) {
  std::set<Heard> seen;
  at_each_moment(partition_one_way("a", "sender"), "a>sender", 5,
                 [&](std::uint32_t /*moment*/, const TwoSends& sends, World& /*world*/) {
                   seen.insert(sends.heard);
                 });
  EXPECT_THAT(seen, ElementsAre(Heard{"a:x", "b:x"}));
}

TEST(Survives, a_one_way_partition_cuts_its_direction) {
  World world({fault(Site::one_way, "sender>a", 0, 5)});
  TwoSends sends(world);
  world.survives({partition_one_way("sender", "a")});
  EXPECT_EQ(world.run().end, WorldEnd::done);
  EXPECT_THAT(sends.heard, ElementsAre("b:x"));
}

TEST(Survives, a_hold_delivers_later) {
  World world({fault(Site::hold, "client-0+server", 3, 700)});
  add_echo(world, 1, 10);
  world.survives({hold("client-0", "server")});
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_TRUE(world.choices().not_applied().empty());
  EXPECT_GE(report.time, 700ms);
}

TEST(Survives, a_process_may_end_itself) {
  for (const bool restarts : {false, true}) {
    World world;
    Heard heard;
    sched::Duration at{};
    int starts = 0;
    bool went_on = false;
    world.host("a").daemon().spawn("hear",
                                   [&](ProgramHost& host) { return hear(host, heard, at, "a"); });
    const auto a = world.host("a").endpoint(9);
    world.host("self").spawn("end", [&, a](ProgramHost& host) -> Task<> {
      auto socket = host.bind({"0.0.0.0", 8});
      co_await socket.send_to(bytes_of("1"), a);
      if (++starts == 1) {
        co_await sched::sleep_for(20ms);
        restarts ? world.host("self").restart() : world.host("self").power_off();
        world.always("is not noted", false);
        co_await socket.send_to(bytes_of("2"), a);
        went_on = true;
      }
      co_await sched::sleep_for(20ms);  // the datagrams arrive
    });
    const RunReport report = world.run();
    EXPECT_TRUE(report.ok()) << report.to_string();
    EXPECT_FALSE(went_on);
    EXPECT_EQ(starts, restarts ? 2 : 1);
    EXPECT_EQ(world.host("self").running(), restarts);
    EXPECT_EQ(heard.count("a:2"), 0U);
    EXPECT_EQ(heard.count("a:1"), restarts ? 2U : 1U);
  }
}

TEST(Survives, other_ready_tasks_of_a_process_that_ended_do_not_run) {
  World world;
  int ran = 0;
  for (const char* name : {"first", "second", "third"}) {
    world.host("self").spawn(name, [&](ProgramHost& /*host*/) -> Task<> {
      ++ran;
      world.host("self").kill();
      co_return;
    });
  }
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(ran, 1);
}

// A scenario in which each host sends heartbeats for a second of virtual time.
Scenario heartbeats(std::vector<HostFault> faults, FaultBudget budget) {
  Scenario scenario("heartbeats", "hosts that send to each other", [faults, budget](World& world) {
    for (const char* name : {"a", "b", "c"}) {
      world.host(name).spawn("beat", [name](ProgramHost& host) -> Task<> {
        auto socket = host.bind({"0.0.0.0", 9});
        for (int beat = 0; beat < 50; ++beat) {
          for (const std::string other : {"a", "b", "c"}) {
            if (other != name) {
              const auto found = co_await host.resolve(other);
              co_await socket.send_to(bytes_of("beat"), found.front().with_port(9));
            }
          }
          co_await sched::sleep_for(20ms);
        }
      });
    }
    world.survives(faults, budget);
  });
  return scenario;
}

std::vector<HostFault> all_faults() {
  return {crash("a"),      power_loss("b"),     pause("c"),
          clock_jump("a"), partition("a", "b"), partition_one_way("b", "c"),
          hold("a", "c")};
}

TEST(Survives, every_policy_injects_every_fault) {
  const Scenario scenario = heartbeats(all_faults(), {.at_once = 2, .in_all = 3});
  const RunShape shape = shape_of(scenario);
  for (const char* name : {"random", "pct", "pos", "sparse", "swarm", "mix"}) {
    const NamedPolicy policy = *NamedPolicy::parse(name);
    Tally tally;
    for (std::uint64_t seed = 1; seed <= 400; ++seed) {
      tally.add(run_scenario(scenario, {seed, policy}, {}, &shape));
    }
    EXPECT_EQ(tally.failed, 0U) << name;
    EXPECT_EQ(tally.faults.size(), 7U);
    for (const auto& [fault, count] : tally.faults) {
      EXPECT_GT(count.fired, 0U) << name << ": " << fault;
    }
  }
}

TEST(Survives, a_run_with_faults_replays) {
  const Scenario scenario = heartbeats(all_faults(), {.at_once = 3, .in_all = 5});
  std::uint64_t faults = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const RunResult run = run_scenario(scenario, {seed, {}});
    const RunResult again = replay_scenario(scenario, run.schedule);
    ASSERT_EQ(again.report.digest, run.report.digest) << run.schedule.to_string();
    ASSERT_EQ(again.schedule, run.schedule);
    EXPECT_TRUE(again.not_applied.empty());
    for (const Deviation& one : run.schedule.deviations) {
      faults += is_host_fault(one.at.site) ? 1U : 0U;
    }
  }
  EXPECT_GT(faults, 100U);
}

TEST(Survives, the_budget_bounds_the_faults_of_a_run) {
  struct Watches final : RunWatcher {
    void begins(World& world) override {
      world.choices().on_deviation([this, &world](const Deviation& one) {
        if (is_host_fault(one.at.site)) {
          const auto from = world.now().time_since_epoch();
          times.emplace_back(from, from + std::chrono::milliseconds(one.value));
        }
      });
    }
    std::vector<std::pair<sched::Duration, sched::Duration>> times;
  };
  Scenario scenario = heartbeats({crash("a"), pause("b"), partition("b", "c")},
                                 {.at_once = 1, .in_all = 2, .until = 400ms});
  std::size_t most = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    Watches watches;
    RunWatcher* const watchers[] = {&watches};
    run_scenario(scenario, {seed, NamedPolicy(NamedPolicy::Kind::random)}, watchers);
    most = std::max(most, watches.times.size());
    ASSERT_LE(watches.times.size(), 2U);
    for (const auto& [from, to] : watches.times) {
      EXPECT_LT(from, 400ms);
    }
    if (watches.times.size() == 2) {
      EXPECT_GE(watches.times[1].first, std::min<sched::Duration>(watches.times[0].second, 400ms));
    }
  }
  EXPECT_EQ(most, 2U);
}

TEST(Survives, all_faults_are_over_when_the_quiet_period_begins) {
  World world({fault(Site::partition, "sender+a", 0, 5'000)});
  TwoSends sends(world);
  world.survives({partition("sender", "a")}, {.until = 300ms});
  bool asked = false;
  world.eventually("healed", 10ms,
                   [&] { return world.link("sender", "a").open() && (asked = true); });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_TRUE(asked);
  EXPECT_GE(report.time, 300ms);
  EXPECT_LE(report.time, 310ms);
}

TEST(Survives, a_restarted_process_counts_its_moments_anew) {
  const Scenario scenario = heartbeats({crash("a")}, {.at_once = 1, .in_all = 2});
  const Schedule twice{
      "heartbeats", 1, {fault(Site::crash, "a", 3, 10), fault(Site::crash, "a~2", 0, 10)}};
  const RunResult run = replay_scenario(scenario, twice);
  EXPECT_TRUE(run.not_applied.empty());
  EXPECT_EQ(run.faults.front().fired, 2U);
}

TEST(Survives, a_run_ends_when_the_last_fault_is_over) {
  World world({fault(Site::pause, "ticker", 1, 500)});
  world.host("ticker").daemon().spawn("tick", [](ProgramHost& /*host*/) -> Task<> {
    for (;;) {
      co_await sched::sleep_for(50ms);
    }
  });
  world.host("worker").spawn(
      "work", [](ProgramHost& /*host*/) -> Task<> { co_await sched::sleep_for(120ms); });
  world.survives({pause("ticker")});
  const RunReport report = world.run();
  EXPECT_EQ(report.end, WorldEnd::done);
  EXPECT_GE(report.time, 500ms);
  EXPECT_LT(report.time, 700ms);
}

TEST(Survives, a_program_that_tries_again_at_once_ends_at_the_crash) {
  for (std::uint32_t moment = 0; moment < 4; ++moment) {
    World world({fault(Site::crash, "eager", moment, 5)});
    int tries = 0;
    world.host("eager").spawn("connect", [&tries](ProgramHost& host) -> Task<> {
      for (int left = 20; left > 0; --left) {
        ++tries;
        try {
          const auto stream = co_await host.connect({"eager", 7});
        } catch (const std::system_error&) {  // nobody listens
        }
      }
    });
    world.survives({crash("eager")});
    EXPECT_EQ(world.run().end, WorldEnd::done);
    EXPECT_TRUE(world.choices().not_applied().empty());
    EXPECT_LE(tries, 25);
  }
}

TEST(Survives, the_scenario_has_the_last_word_on_links_and_hosts) {
  World world({fault(Site::partition, "a+b", 0, 500), fault(Site::crash, "c", 0, 500)});
  for (const char* name : {"a", "b", "c"}) {
    world.host(name).spawn("wait",
                           [](ProgramHost& /*host*/) -> Task<> { co_await sched::sleep_for(1s); });
  }
  world.survives({partition("a", "b"), crash("c")}, {.at_once = 2, .in_all = 2});
  world.at(100ms).partition("a", "b").power_off("c");
  world.run_for(700ms);
  EXPECT_TRUE(world.choices().not_applied().empty());
  EXPECT_FALSE(world.link("a", "b").open());
  EXPECT_FALSE(world.host("c").running());
}

TEST(Survives, overlapping_partitions_of_a_pair_end_with_the_later_one) {
  World world({fault(Site::partition, "a+b", 0, 500), fault(Site::one_way, "a>b", 0, 200)});
  for (const char* name : {"a", "b"}) {
    world.host(name).spawn("wait",
                           [](ProgramHost& /*host*/) -> Task<> { co_await sched::sleep_for(1s); });
  }
  world.survives({partition("a", "b"), partition_one_way("a", "b")}, {.at_once = 2, .in_all = 2});
  world.run_for(300ms);
  EXPECT_FALSE(world.link("a", "b").open());
  EXPECT_FALSE(world.link("b", "a").open());
  world.run_for(300ms);
  EXPECT_TRUE(world.link("a", "b").open());
  EXPECT_TRUE(world.link("b", "a").open());
}

TEST(Survives, shrinks_to_the_fault_with_a_short_duration) {
  Scenario scenario = heartbeats(all_faults(), {.at_once = 3, .in_all = 5});
  const auto build = scenario.build;
  scenario.build = [build](World& world) {
    build(world);
    world.invariant("b runs", [&world] { return world.host("b").running(); });
  };
  for (std::uint64_t seed = 1;; ++seed) {
    const RunResult run = run_scenario(scenario, {seed, {}});
    if (run.report.failure().has_value()) {
      const Shrunk shrunk = shrink(run.schedule, attempt_here(scenario));
      ASSERT_EQ(shrunk.schedule.deviations.size(), 1U) << shrunk.schedule.to_string();
      EXPECT_EQ(shrunk.schedule.deviations.front(), fault(Site::power, "b", 0, 1));
      return;
    }
  }
}

TEST(SurvivesDeathTest, refuses_what_cannot_be) {
  GTEST_FLAG_SET(death_test_style, "threadsafe");
  const auto survives = [](std::vector<HostFault> faults, FaultBudget budget = {}) {
    World world;
    world.host("a").spawn("wait",
                          [](ProgramHost& /*host*/) -> Task<> { co_await sched::sleep_for(1ms); });
    world.survives(std::move(faults), budget);
    world.run();
  };
  EXPECT_DEATH(survives({crash("nobody")}), "the world has no host 'nobody'");
  EXPECT_DEATH(survives({crash("a"), crash("a")}), "given once");
  EXPECT_DEATH(survives({partition("a", "a")}), "two hosts");
  EXPECT_DEATH(survives({crash("a")}, {.at_once = 0}), "allows one");
  const auto too_late = [] {
    World world;
    world.eventually("never", 1s, [] { return false; });
    world.survives({});
  };
  EXPECT_DEATH(too_late(), "before eventually");
}

}  // namespace
}  // namespace rehearsal::simnet
