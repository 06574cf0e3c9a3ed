#include "simnet/search/exhaustive.hpp"

#include <algorithm>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "sched/sync/channel.hpp"
#include "sched/sync/condition.hpp"
#include "simnet/search/delay_bounded.hpp"
#include "simnet/search/faults.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

HostOptions isolated() {
  HostOptions options;
  options.isolated_tasks = true;
  return options;
}

SearchReport exhaust(const Scenario& scenario, SearchOptions options = {},
                     Exhaustive::Reduction reduction = Exhaustive::Reduction::source_sets) {
  Exhaustive exhaustive(reduction);
  return search(scenario, options, exhaustive);
}

SearchReport exhaust_unreduced(const Scenario& scenario) {
  return exhaust(scenario, {}, Exhaustive::Reduction::none);
}

SearchReport delay(const Scenario& scenario, std::uint32_t most, SearchOptions options = {}) {
  DelayBounded bounded(most);
  return search(scenario, options, bounded);
}

void expect_replays(const Scenario& scenario, const RunResult& found) {
  const auto parsed = parse_schedule(found.schedule.to_string());
  ASSERT_TRUE(std::holds_alternative<Schedule>(parsed)) << found.schedule.to_string();
  const RunResult replayed = replay_scenario(scenario, std::get<Schedule>(parsed));
  EXPECT_EQ(replayed.report.digest, found.report.digest) << found.schedule.to_string();
  EXPECT_EQ(replayed.report.to_string(), found.report.to_string());
  EXPECT_TRUE(replayed.not_applied.empty()) << replayed.not_applied.front().to_string();
}

Scenario independent_tasks(int tasks, int yields, const HostOptions& options) {
  return {"independent", "Tasks that share nothing", [=](World& world) {
            for (int i = 0; i < tasks; ++i) {
              world.host("host", options).spawn([=](ProgramHost& /*host*/) -> Task<> {
                for (int turn = 0; turn < yields; ++turn) {
                  co_await sched::yield();
                }
              });
            }
          }};
}

// Two tasks per pair answer each other over two channels; each pair is on its own host.
Scenario ping_pong(int pairs, int rounds) {
  return {"ping-pong", "Pairs that share nothing", [=](World& world) {
            struct Pair {
              sched::Channel<int> there{1};
              sched::Channel<int> back{1};
            };
            for (int i = 0; i < pairs; ++i) {
              world.host("pair-" + std::to_string(i)).spawn([=](ProgramHost& host) -> Task<> {
                Pair pair;
                sched::TaskGroup group(host);
                group.spawn("pong", [rounds, &pair]() -> Task<> {
                  for (int round = 0; round < rounds; ++round) {
                    const auto ball = co_await pair.there.recv();
                    co_await pair.back.send(*ball);
                  }
                });
                for (int round = 0; round < rounds; ++round) {
                  co_await pair.there.send(round);
                  const auto ball = co_await pair.back.recv();
                  EXPECT_EQ(*ball, round);
                }
                co_await group.join();
              });
            }
          }};
}

TEST(Exhaustive, sees_each_order_of_the_tasks_of_a_host_that_are_not_isolated) {
  const SearchReport report = exhaust(independent_tasks(4, 0, {}));
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.runs, 24U);
  EXPECT_EQ(report.traces, 24U);
}

TEST(Exhaustive, sees_one_order_of_steps_that_commute) {
  for (const auto& [tasks, orders] : {std::pair(3, 6U), std::pair(5, 120U)}) {
    const Scenario scenario = independent_tasks(tasks, 0, isolated());
    const SearchReport reduced = exhaust(scenario);
    EXPECT_EQ(reduced.to_string(), "1 run, 1 distinct trace; all schedules explored");
    const SearchReport full = exhaust_unreduced(scenario);
    EXPECT_EQ(full.runs, orders);
    EXPECT_EQ(full.traces, 1U);
  }
}

// Each pair has three steps: one task sends, the other answers, the first receives the answer. So
// there are (3 n)! / 3!^n orders of n pairs.
TEST(Exhaustive, sees_one_order_of_pairs_that_talk_only_to_each_other) {
  for (const auto& [pairs, orders] : {std::pair(1, 1U), std::pair(2, 20U), std::pair(3, 1680U)}) {
    EXPECT_EQ(exhaust(ping_pong(pairs, 1)).to_string(),
              "1 run, 1 distinct trace; all schedules explored");
    const SearchReport full = exhaust_unreduced(ping_pong(pairs, 1));
    EXPECT_TRUE(full.complete());
    EXPECT_EQ(full.traces, 1U);
    EXPECT_EQ(full.runs, orders);
  }
  EXPECT_EQ(exhaust(ping_pong(20, 3)).to_string(),
            "1 run, 1 distinct trace; all schedules explored");
}

TEST(Exhaustive, sees_one_order_of_pairs_on_the_network) {
  const auto pairs = [](int count) {
    return Scenario("sockets", "Pairs of hosts", [count](World& world) {
      for (int i = 0; i < count; ++i) {
        const std::string number = std::to_string(i);
        world.host("server-" + number).spawn([](ProgramHost& host) { return echo_server(host); });
        world.host("client-" + number).spawn([=](ProgramHost& host) {
          return echo_client(host, "server-" + number, 1, 1);
        });
      }
    });
  };
  // A server accepts again before or after its session runs: two orders for each pair.
  EXPECT_EQ(exhaust(pairs(1)).traces, 2U);
  EXPECT_EQ(exhaust(pairs(3)).traces, 8U);
}

// The usual rates allow faults. A search by transitions tries only those that its options name.
TEST(Exhaustive, names_the_sites_that_it_does_not_try) {
  Scenario scenario("sockets", "A client and a server",
                    [](World& world) { add_echo(world, 1, 1); });
  scenario.rates[Site::reset] = {1'000, 1};
  const std::string untried =
      "not tried, although their rates allow it: late, recv, send, spurious, again, interrupt, "
      "reset, resolve; ";
  EXPECT_EQ(exhaust(scenario).to_string(),
            "2 runs, 2 distinct traces; " + untried + "all orders of steps explored");
  EXPECT_EQ(delay(scenario, 1).to_string(),
            "3 runs, 2 distinct traces; " + untried +
                "all orders of steps explored within the limit on deviations");
  SearchOptions options;
  options.values[index(Site::reset)] = {1};
  EXPECT_EQ(std::ranges::count(exhaust(scenario, options).untried, Site::reset), 0);
  scenario.rates = Rates();
  EXPECT_EQ(exhaust(scenario).to_string(), "2 runs, 2 distinct traces; all schedules explored");
}

TEST(Exhaustive, names_the_faults_of_links_and_rules_that_it_does_not_try) {
  Scenario scenario("sockets", "A client and a server", [](World& world) {
    add_echo(world, 1, 1);
    LinkOptions options;
    options.loss = 1'000;
    world.link("client-0", "server").set_options(options);
    world.faults().add(FaultRule("slow", Operation::segment, Verdict::late(1ms)).rate(1'000));
  });
  scenario.rates = Rates();
  EXPECT_EQ(exhaust(scenario).untried, (std::vector{Site::lost, Site::rule}));
}

TEST(Exhaustive, names_the_faults_of_hosts_that_it_does_not_try) {
  Scenario scenario("sockets", "A client and a server", [](World& world) {
    add_echo(world, 1, 1);
    world.survives({crash("client-0"), partition("client-0", "server")});
  });
  scenario.rates = Rates();
  scenario.rates[Site::crash] = {1'000, 10};
  EXPECT_EQ(exhaust(scenario).untried, std::vector{Site::crash});
}

// Two tasks sleep; each adds its letter. Alone, a later timer of the first changes their order.
Scenario sleepers(std::set<std::string>& seen) {
  Scenario scenario("sleepers", "Two tasks sleep", [&seen](World& world) {
    struct Awake {
      explicit Awake(std::set<std::string>& all) : seen(all) {}
      ~Awake() { seen.insert(order); }
      std::set<std::string>& seen;
      std::string order;
    };
    auto& awake = world.make<Awake>(seen);
    const auto sleep = [&awake](char name, sched::Duration time) -> Task<> {
      co_await sched::sleep_for(time);
      awake.order += name;
    };
    world.host("host").spawn("a", [=](ProgramHost& /*host*/) { return sleep('a', 100us); });
    world.host("host").spawn("b", [=](ProgramHost& /*host*/) { return sleep('b', 150us); });
  });
  scenario.rates = Rates();
  scenario.rates[Site::timer] = {1'000, 75};
  return scenario;
}

TEST(Exhaustive, names_late_timers_unless_its_options_do) {
  std::set<std::string> seen;
  const Scenario scenario = sleepers(seen);
  EXPECT_EQ(exhaust(scenario).to_string(),
            "2 runs, 2 distinct traces; not tried, although their rates allow it: timer; all "
            "orders of steps explored");
  EXPECT_EQ(seen, std::set<std::string>{"ab"});
  SearchOptions options;
  options.varied = {Site::timer};
  std::vector<RunResult> runs;
  options.on_run = [&](const RunResult& run) { runs.push_back(run); };
  const SearchReport varied = exhaust(scenario, options);
  EXPECT_TRUE(varied.complete());
  EXPECT_TRUE(varied.untried.empty());
  EXPECT_EQ(seen, (std::set<std::string>{"ab", "ba"}));
  for (const RunResult& run : runs) {
    expect_replays(scenario, run);
  }
  EXPECT_GT(runs.size(), 1U);
}

TEST(Exhaustive, reports_what_no_run_came_to) {
  Scenario scenario("unchecked", "Ends before its checks", [](World& world) {
    world.host("idler").spawn("idle", []([[maybe_unused]] ProgramHost& host) -> Task<> {
      co_await sched::sleep_for(1s);
    });
    world.eventually("it rains", 1h, [] { return false; });
    world.sometimes("it was dry", false);
  });
  scenario.run = [](World& world) { return world.run_for(1ms); };
  scenario.rates = Rates();
  for (const SearchReport& report :
       {exhaust(scenario), delay(scenario, 1), search_faults(scenario, 1)}) {
    ASSERT_EQ(report.unreached.size(), 1U);
    EXPECT_TRUE(report.unreached.front().starts_with("eventually 'it rains'"));
    EXPECT_EQ(report.notes,
              (std::vector<std::string>{
                  "'it was dry' never held: it was evaluated only before a task ran",
                  "program 'idler/idle' never ended: checks after its last wait never ran"}));
  }
}

TEST(Exhaustive, tries_each_outcome_of_a_choice) {
  auto seen = std::make_shared<std::set<std::string>>();
  const Scenario scenario("choices", "Two choices", [seen](World& world) {
    world.host("host").spawn([&world, seen](ProgramHost& host) -> Task<> {
      const std::uint32_t first = host.choose("first", 3);
      const std::uint32_t second = first == 2 ? host.choose("second", 2) : 0;
      co_await sched::yield();
      seen->insert(std::to_string(first) + std::to_string(second) +
                   std::to_string(world.choose("third", 2)));
    });
  });
  const SearchReport report = exhaust(scenario);
  EXPECT_TRUE(report.complete());
  EXPECT_EQ(report.runs, 8U);
  EXPECT_EQ(report.traces, 8U);
  EXPECT_EQ(seen->size(), 8U);
}

TEST(Exhaustive, leaves_a_choice_of_too_many_outcomes_unchanged_and_reports_it) {
  const Scenario scenario("wide", "A million outcomes", [](World& world) {
    world.host("host").spawn([](ProgramHost& host) -> Task<> {
      EXPECT_EQ(host.choose("any", 1'000'000), 0U);
      co_return;
    });
  });
  EXPECT_EQ(exhaust(scenario).to_string(),
            "1 run, 1 distinct trace, 1 choice with too many outcomes left at the default; "
            "all orders of steps explored");
}

TEST(Exhaustive, says_which_bound_stopped_it) {
  SearchOptions options;
  options.runs = 5;
  EXPECT_EQ(exhaust(independent_tasks(3, 0, {}), options).end, SearchEnd::runs);
  options.runs = 6;
  EXPECT_EQ(exhaust(independent_tasks(3, 0, {}), options).end, SearchEnd::complete);
  options.steps = 2;
  const SearchReport cut = exhaust(independent_tasks(3, 0, {}), options);
  EXPECT_EQ(cut.end, SearchEnd::steps);
  EXPECT_EQ(cut.cut, cut.runs);
  EXPECT_EQ(cut.failures, 0U);
  EXPECT_EQ(delay(independent_tasks(3, 0, {}), 1).end, SearchEnd::deviations);
  EXPECT_EQ(delay(independent_tasks(3, 0, {}), 3).end, SearchEnd::complete);
}

// Two tasks add to a number: each reads it, yields, and writes it.
Scenario lost_update() {
  return {"lost update", "Two increments", [](World& world) {
            world.host("host").spawn([&world](ProgramHost& host) -> Task<> {
              int number = 0;
              sched::TaskGroup group(host);
              for (const int waits : {0, 3}) {
                group.spawn([&number, waits]() -> Task<> {
                  for (int i = 0; i < waits; ++i) {
                    co_await sched::yield();
                  }
                  const int read = number;
                  co_await sched::yield();
                  number = read + 1;
                });
              }
              co_await group.join();
              world.always("both count", number == 2);
            });
          }};
}

// Two locks, taken by one task in one order and by another in the other.
Scenario lock_order() {
  return {"lock order", "Two locks", [](World& world) {
            struct Locks {
              sched::Mutex a;
              sched::Mutex b;
            };
            world.host("host", isolated()).spawn([](ProgramHost& host) -> Task<> {
              Locks locks;
              sched::TaskGroup group(host);
              group.spawn("ab", [&locks]() -> Task<> {
                auto a = co_await locks.a.lock();
                co_await sched::yield();
                auto b = co_await locks.b.lock();
              });
              group.spawn("ba", [&locks]() -> Task<> {
                co_await sched::yield();
                co_await sched::yield();
                co_await sched::yield();
                auto b = co_await locks.b.lock();
                co_await sched::yield();
                auto a = co_await locks.a.lock();
              });
              co_await group.join();
            });
          }};
}

// A consumer checks for work, and then waits for a notification that it may have missed.
Scenario lost_wake_up() {
  return {"lost wake-up", "A missed event", [](World& world) {
            struct Shared {
              sched::Event news;
              bool work = false;
            };
            world.host("host").spawn([](ProgramHost& host) -> Task<> {
              Shared shared;
              sched::TaskGroup group(host);
              group.spawn("consumer", [&shared]() -> Task<> {
                co_await sched::yield();
                if (!shared.work) {
                  co_await sched::yield();
                  shared.news.clear();
                  co_await shared.news.wait();
                }
              });
              group.spawn("producer", [&shared]() -> Task<> {
                shared.news.set();
                shared.work = true;
                co_return;
              });
              co_await group.join();
            });
          }};
}

// A cancelled task may or may not have ended before: the search sees both.
TEST(Exhaustive, sees_a_task_end_before_and_after_it_is_cancelled) {
  auto ran = std::make_shared<std::set<bool>>();
  const Scenario scenario("cancels", "A task and its child", [ran](World& world) {
    world.host("host", isolated()).spawn([ran](ProgramHost& host) -> Task<> {
      bool child_ran = false;
      auto child = host.spawn([&child_ran]() -> Task<> {
        child_ran = true;
        co_return;
      });
      co_await sched::yield();
      child.cancel();
      ran->insert(child_ran);
    });
  });
  EXPECT_TRUE(exhaust(scenario).complete());
  EXPECT_EQ(*ran, (std::set{false, true}));
}

// The run that fails, and how many there are in total.
struct Known {
  Scenario scenario;
  std::uint64_t exhaustive_at = 0;
  std::uint64_t delays_at = 0;
  std::uint32_t delays = 0;
};

TEST(Searches, find_known_bugs) {
  for (const Known& known : {Known{lost_update(), 4, 4, 1}, Known{lock_order(), 2, 4, 1},
                             Known{lost_wake_up(), 2, 4, 2}}) {
    SCOPED_TRACE(known.scenario.name);
    const SearchReport exhaustive = exhaust(known.scenario);
    ASSERT_TRUE(exhaustive.failure.has_value()) << exhaustive.to_string();
    EXPECT_EQ(exhaustive.failed_at, known.exhaustive_at);
    expect_replays(known.scenario, *exhaustive.failure);
    EXPECT_FALSE(delay(known.scenario, known.delays - 1).failure.has_value());
    const SearchReport delayed = delay(known.scenario, known.delays);
    ASSERT_TRUE(delayed.failure.has_value()) << delayed.to_string();
    EXPECT_EQ(delayed.failed_at, known.delays_at);
    expect_replays(known.scenario, *delayed.failure);
  }
}

// Each schedule with d deviations is one with d - 1 and one more, so none comes twice. Here three
// tasks of one step have six orders, grouped by their number of delays.
TEST(Searches, see_each_schedule_within_the_bound_once) {
  const Scenario scenario = independent_tasks(3, 0, {});
  EXPECT_EQ(delay(scenario, 1).to_string(),
            "3 runs, 3 distinct traces; all schedules explored within the limit on deviations");
  EXPECT_EQ(delay(scenario, 2).to_string(),
            "5 runs, 5 distinct traces; all schedules explored within the limit on deviations");
  EXPECT_EQ(delay(scenario, 3).to_string(), "6 runs, 6 distinct traces; all schedules explored");
}

}  // namespace
}  // namespace rehearsal::simnet
