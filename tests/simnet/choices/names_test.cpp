// A name identifies one choice of a run, even if the named object is created again, by the same
// program or after a restart.
#include <algorithm>
#include <array>
#include <cstdint>
#include <functional>
#include <iterator>
#include <set>
#include <span>
#include <string>
#include <system_error>
#include <tuple>
#include <utility>
#include <vector>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "sched/base/key.hpp"
#include "sched/sync/timeout.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/search/delay_bounded.hpp"
#include "simnet/search/exhaustive.hpp"
#include "tests/simnet/choices/churn.hpp"
#include "tests/simnet/echo_world.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

using sched::Task;

RC_GTEST_PROP(Names, stand_for_one_choice_of_a_run_and_replay_it, (std::uint64_t seed)) {
  const Churn churn = some_churn();
  World world(every_site(seed));
  const ChurnRun found = run_churn(world, churn, 1);
  RC_ASSERT(found.report.ok());
  for (auto [entity, asked] : found.asked) {
    std::ranges::sort(asked);
    const auto twice = std::ranges::adjacent_find(asked);
    if (twice != asked.end()) {
      RC_LOG() << name(twice->first) << '/' << entity << '/' << twice->second << '\n';
    }
    RC_ASSERT(twice == asked.end());
  }
  RC_CLASSIFY(
      std::ranges::any_of(found.asked,
                          [](const auto& one) { return one.first.find('~') != std::string::npos; }),
      "something is made again");
  World replayed(found.deviations);
  const ChurnRun again = run_churn(replayed, churn, 1);
  RC_ASSERT(again.report.digest == found.report.digest);
  RC_ASSERT(again.deviations == found.deviations);
  RC_ASSERT(again.not_applied.empty());
}

RC_GTEST_PROP(Names, of_unrelated_objects_stay_without_a_deviation, (std::uint64_t seed)) {
  constexpr int pairs = 2;
  const Churn churn = some_churn();
  World world(every_site(seed));
  const ChurnRun found = run_churn(world, churn, pairs);
  std::vector<Deviation> deviations = found.deviations;
  RC_PRE(!deviations.empty());
  const auto removed =
      deviations.begin() + *whole_range_and_ends<std::ptrdiff_t>(0, std::ssize(deviations));
  const std::string touched = removed->at.entity;
  deviations.erase(removed);
  World fewer(deviations);
  const ChurnRun without = run_churn(fewer, churn, pairs);
  const auto of_pair = [](const ChoicesAsked& asked, int pair) {
    const std::string prefix = "pair-" + std::to_string(pair) + '-';
    ChoicesAsked of;
    for (const auto& [entity, choices] : asked) {
      if (entity.find(prefix) != std::string::npos) {
        std::copy_if(choices.begin(), choices.end(), std::back_inserter(of[entity]),
                     // A tie is between two hosts, which may belong to two pairs.
                     [](const auto& choice) { return choice.first != Site::tie; });
      }
    }
    return of;
  };
  for (int pair = 0; pair < pairs; ++pair) {
    if (touched.find("pair-" + std::to_string(pair) + '-') == std::string::npos) {
      RC_ASSERT(of_pair(found.asked, pair) == of_pair(without.asked, pair));
    }
  }
}

TEST(Names, of_a_port_that_the_network_picks_are_those_of_the_tasks) {
  const auto asked = [](std::vector<Deviation> deviations) {
    World world(std::move(deviations));
    std::set<std::string> sent;
    world.choices().listen([&](const Coordinate& at) {
      if (at.site == Site::late) {
        sent.insert(at.entity);
      }
    });
    for (const char* task : {"first", "second"}) {
      world.host("host").spawn(task, [](ProgramHost& host) -> Task<> {
        auto socket = host.bind({"0.0.0.0", 0});
        const std::array word{std::byte{1}};
        co_await socket.send_to(word, {"10.0.0.1", 9});
      });
    }
    EXPECT_TRUE(world.run().ok());
    EXPECT_TRUE(world.choices().not_applied().empty());
    return sent;
  };
  const std::set<std::string> expected = {"host/first:udp/0", "host/second:udp/0"};
  EXPECT_EQ(asked({}), expected);
  EXPECT_EQ(asked({{{Site::run, "host/first", 1}, 1}}), expected);
}

// A server binds its port repeatedly: every socket gets its own name.
TEST(Names, of_sockets_that_are_bound_again_count_them) {
  World world;
  std::set<std::string> asked;
  world.choices().listen([&](const Coordinate& at) { asked.insert(at.entity); });
  world.host("server").daemon().spawn("serve", [](ProgramHost& host) -> Task<> {
    for (;;) {
      auto socket = host.bind({"0.0.0.0", 53});
      const std::array word{std::byte{1}};
      co_await socket.send_to(word, {"10.0.0.1", 9});
      co_await sched::sleep_for(1ms);
    }
  });
  world.at(2500us).restart("server");
  EXPECT_TRUE(world.run_for(4ms).ok());
  for (const char* name : {"server:udp/53", "server:udp/53~2", "server:udp/53~3", "server~2:udp/53",
                           "server~2:udp/53~2", "server", "server~2", "server~2/serve"}) {
    EXPECT_TRUE(asked.contains(name)) << name;
  }
  EXPECT_FALSE(asked.contains("server:udp/53~4"));
}

// A host restarts while two tasks bind one port in turn.
Task<> bind_twice(ProgramHost& host) {
  for (int i = 0; i < 2; ++i) {
    try {
      auto socket = host.bind({"0.0.0.0", 53});
      const std::array word{std::byte{1}};
      co_await socket.send_to(word, {"10.0.0.1", 53});
      co_await sched::with_timeout(1us, socket.recv_from(std::span<std::byte>()));
    } catch (const std::system_error&) {  // NOLINT(bugprone-empty-catch): a task may have the port
    }
    std::ignore = host.choose("way", 2);
    co_await sched::yield();
  }
}

TEST(Names, of_what_a_search_makes_again_replay) {
  const Scenario scenario("again", "Two tasks and a restart", [](World& world) {
    for (const char* task : {"first", "second"}) {
      world.host("server").spawn(task, [](ProgramHost& host) { return bind_twice(host); });
    }
    world.at(1us).restart("server");
  });
  SearchOptions options;
  options.runs = 500;
  std::set<std::string> deviates;
  options.on_run = [&](const RunResult& found) {
    const RunResult replayed = replay_scenario(scenario, found.schedule);
    EXPECT_EQ(replayed.report.digest, found.report.digest) << found.schedule.to_string();
    EXPECT_TRUE(replayed.not_applied.empty()) << found.schedule.to_string();
    EXPECT_EQ(replayed.schedule, found.schedule);
    for (const Deviation& one : found.schedule.deviations) {
      deviates.insert(one.at.entity);
    }
  };
  Exhaustive exhaustive;
  search(scenario, options, exhaustive);
  DelayBounded delays(2);
  search(scenario, options, delays);
  for (const char* name : {"server:way", "server~2:way", "server~2/first"}) {
    EXPECT_TRUE(deviates.contains(name)) << name;
  }
}

// How often the first choice of each of two generations deviates, over many seeds.
struct Pairs {
  int both = 0;
  int first = 0;
  int second = 0;
};

void expect_independent(const std::function<std::pair<bool, bool>(std::uint64_t seed)>& draws) {
  constexpr int seeds = 2000;
  Pairs count;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    const auto [first, second] = draws(seed);
    count.both += first && second ? 1 : 0;
    count.first += first ? 1 : 0;
    count.second += second ? 1 : 0;
  }
  EXPECT_GT(count.first, seeds / 10);
  EXPECT_GT(count.second, seeds / 10);
  const double expected = 1.0 * count.first * count.second / seeds;
  EXPECT_NEAR(count.both, expected, expected / 4);
}

TEST(Names, of_two_generations_draw_independently) {
  const auto deviates_first = [](std::uint64_t seed, const char* first, const char* second) {
    Policy policy = Policy::random(seed, Rates{});
    policy[Site::late] = policy[Site::program] = policy[Site::resolve] = {300'000, 100};
    World world(policy);
    world.host("server").daemon().spawn("serve", [](ProgramHost& host) -> Task<> {
      auto socket = host.bind({"0.0.0.0", 53});
      const std::array word{std::byte{1}};
      co_await socket.send_to(word, {"10.0.0.1", 9});
      std::ignore = host.choose("way", 100);
      co_await host.resolve("server");
    });
    world.at(1ms).restart("server");
    EXPECT_TRUE(world.run_for(4ms).ok());
    const auto has = [&](const char* name) {
      return std::ranges::any_of(world.choices().deviations(),
                                 [&](const Deviation& one) { return one.at.to_string() == name; });
    };
    return std::pair(has(first), has(second));
  };
  for (const auto& [first, second] :
       {std::pair("late/server:udp/53/0", "late/server~2:udp/53/0"),
        std::pair("program/server:way/0", "program/server~2:way/0"),
        std::pair("resolve/server:server/0", "resolve/server~2:server/0")}) {
    expect_independent([&](std::uint64_t seed) { return deviates_first(seed, first, second); });
  }
}

TEST(Names, of_two_rules_with_rates_draw_independently) {
  expect_independent([](std::uint64_t seed) {
    World world(Policy::random(seed, Rates{}));
    // The first matching rule decides, so each rule matches its own direction.
    Faults& faults = world.faults();
    faults.add(FaultRule("one", Operation::datagram, Verdict::drop()).rate(300'000));
    faults.add(FaultRule("two", Operation::bind, Verdict::drop()).rate(300'000));
    Choices& choices = world.choices();
    const Verdict one = faults.judge(Operation::datagram, "a", "b", "a:udp/53", choices);
    const Verdict two = faults.judge(Operation::bind, "a", "b", "a:udp/53", choices);
    return std::pair(one.kind == Verdict::Kind::drop, two.kind == Verdict::Kind::drop);
  });
}

TEST(Names, a_second_deviation_of_one_is_refused_with_both_places) {
  Policy policy = Policy::nominal();
  policy.draws = true;
  policy[Site::program] = {1'000'000, 1};
  const auto choose_twice = [](Choices choices, bool records) {
    std::uint64_t events = 3;
    choices.count_by(events);
    choices.record(records);
    const auto choose = [&] {
      return choices.choose(Site::program, sched::extend_key(sched::empty_key, "host:way"), 0, 2,
                            [] { return "host:way"; });
    };
    EXPECT_EQ(choose().value(), 1U);
    events = 8;
    choose();
  };
  const char* message =
      "after program/host:way/0, which deviates after event 3, comes another program/host:way/0, "
      "after event 8";
  EXPECT_DEATH(choose_twice(Choices(policy), true), message);
  EXPECT_DEATH(choose_twice(Choices(policy), false), message);
  const std::vector<Deviation> schedule = {{{Site::program, "host:way", 0}, 1}};
  EXPECT_DEATH(choose_twice(Choices(schedule), true), message);
}

TEST(Names, of_hosts_leave_out_what_their_objects_names_are_built_with) {
  World world;
  for (const char* name : {"", "a b", "a/b", "a:b", "a~2", "a#0"}) {
    EXPECT_DEATH(world.host(name), "the name of a host is not empty and has no");
  }
  EXPECT_DEATH(world.host("world"), "the name of a host is not 'world'");
}

}  // namespace
}  // namespace rehearsal::simnet
