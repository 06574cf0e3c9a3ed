// Guarantees of the policies about the runs they make.
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simnet/choices/magnitude.hpp"
#include "simnet/choices/named_policy.hpp"
#include "simnet/choices/pct.hpp"
#include "simnet/choices/swarm.hpp"
#include "simnet/scenario.hpp"
#include "tests/simnet/echo_world.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

constexpr std::array directing = {"random",   "pct:1",    "pct:3", "pos",
                                  "sparse:1", "sparse:4", "swarm", "mix"};

RunResult run(const Scenario& scenario, const char* policy, std::uint64_t seed) {
  return run_scenario(scenario, {seed, *NamedPolicy::parse(policy)});
}

RC_GTEST_PROP(Policies, each_makes_runs_that_their_deviations_replay, (std::uint64_t seed)) {
  const Scenario scenario = three_echo_clients();
  for (const char* policy : directing) {
    const RunResult found = run(scenario, policy, seed);
    RC_ASSERT(found.report.ok());
    RC_ASSERT(run(scenario, policy, seed).report.digest == found.report.digest);
    const RunResult again = replay_scenario(scenario, found.schedule);
    RC_ASSERT(again.report.digest == found.report.digest);
    RC_ASSERT(again.not_applied.empty());
    RC_ASSERT(again.schedule == found.schedule);
  }
}

TEST(Policies, each_makes_another_run_of_another_seed) {
  const Scenario scenario = three_echo_clients();
  for (const char* policy : directing) {
    std::set<std::uint64_t> digests;
    for (std::uint64_t seed = 0; seed < 50; ++seed) {
      digests.insert(run(scenario, policy, seed).report.digest);
    }
    EXPECT_GE(digests.size(), 25U) << policy;
  }
}

TEST(Policies, no_site_goes_further_than_the_scenario_lets_it) {
  Scenario scenario = three_echo_clients();
  scenario.rates[Site::late].most = 7;
  scenario.rates[Site::recv].most = 3;
  for (const char* policy : directing) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      for (const Deviation& deviation : run(scenario, policy, seed).schedule.deviations) {
        if (deviation.at.site == Site::late) {
          EXPECT_LE(deviation.value, 7U) << policy;
        } else if (deviation.at.site == Site::recv) {
          EXPECT_LE(deviation.value, 3U) << policy;
        }
      }
    }
  }
}

TEST(Policies, no_fault_comes_that_the_scenario_has_no_rate_for) {
  const Scenario scenario = three_echo_clients();
  const Rates usual = Rates::usual();
  for (const char* policy : directing) {
    for (std::uint64_t seed = 0; seed < 100; ++seed) {
      for (const Deviation& deviation : run(scenario, policy, seed).schedule.deviations) {
        EXPECT_NE(usual[deviation.at.site].per_million, 0U) << policy << deviation.to_string();
      }
    }
  }
}

TEST(Mix, is_by_its_seed_one_of_the_others) {
  const Scenario scenario = three_echo_clients();
  std::set<std::string> names;
  for (std::uint64_t seed = 0; seed < 8; ++seed) {
    const NamedPolicy of = NamedPolicy().of(seed);
    names.insert(of.to_string());
    EXPECT_EQ(run(scenario, "mix", seed).schedule, run_scenario(scenario, {seed, of}).schedule);
  }
  EXPECT_EQ(names, (std::set<std::string>{"sparse", "pct:2", "pct", "pos", "swarm"}));
}

TEST(Sparse, deviates_no_more_often_than_requested) {
  const Scenario scenario = three_echo_clients();
  std::size_t most = 0;
  for (std::uint64_t seed = 0; seed < 200; ++seed) {
    most = std::max(most, run(scenario, "sparse:3", seed).schedule.deviations.size());
  }
  EXPECT_EQ(most, 3U);
}

TEST(Swarm, leaves_out_some_and_has_more_of_others_but_never_of_what_breaks_things) {
  Rates rates = Rates::usual();
  rates[Site::reset] = {1'000, 1};
  std::array<int, site_count> without{};
  std::array<int, site_count> more{};
  for (std::uint64_t seed = 0; seed < 300; ++seed) {
    const Rates chosen = swarm(seed, rates);
    for (std::size_t site = 0; site < site_count; ++site) {
      EXPECT_EQ(chosen.of[site].most, rates.of[site].most);
      without[site] += chosen.of[site].per_million == 0 ? 1 : 0;
      more[site] += chosen.of[site].per_million > rates.of[site].per_million ? 1 : 0;
    }
  }
  for (std::size_t site = 0; site < site_count; ++site) {
    const bool none = rates.of[site].per_million == 0;
    const bool breaks = none || static_cast<Site>(site) == Site::reset;
    EXPECT_EQ(more[site] == 0, breaks) << site_names[site];
    EXPECT_EQ(without[site], none ? 300 : without[site]);
    EXPECT_GT(without[site], 50);
  }
}

// Adds `tasks` tasks of one host that yield `turns` times each.
void add_yielders(World& world, int tasks, int turns, std::function<void(int, int)> at_turn) {
  SimulatedHost& host = world.host("host");
  for (int task = 0; task < tasks; ++task) {
    host.spawn([=](ProgramHost& /*host*/) -> sched::Task<> {
      for (int turn = 0; turn < turns; ++turn) {
        at_turn(task, turn);
        co_await sched::yield();
      }
    });
  }
}

// Returns in how many of `seeds` runs the policy finds the bug.
int found(const Scenario& scenario, const char* policy, std::uint64_t seeds) {
  const RunShape shape = shape_of(scenario);
  int failed = 0;
  for (std::uint64_t seed = 0; seed < seeds; ++seed) {
    failed +=
        run_scenario(scenario, {seed, *NamedPolicy::parse(policy)}, {}, &shape).report.ok() ? 0 : 1;
  }
  return failed;
}

// A bug of depth 1: the last of the tasks has to be done before another has begun.
Scenario late_start(int tasks, int turns) {
  return {"late", "The last before the first", [=](World& world) {
            add_yielders(
                world, tasks, turns,
                [&world, tasks, turns, begun = std::make_shared<int>()](int task, int turn) {
                  *begun += turn == 0 && task != tasks - 1 ? 1 : 0;
                  world.always("another has begun",
                               task != tasks - 1 || turn != turns - 1 || *begun == tasks - 1);
                });
          }};
}

// A bug of depth 2: between two given turns of one task, the other does all its work.
Scenario torn(int turns) {
  return {"torn", "All of one between two of the other", [=](World& world) {
            add_yielders(
                world, 2, turns,
                [&world, turns, done = std::make_shared<std::array<int, 2>>()](int task, int turn) {
                  if (task == 0 && turn == turns / 2) {
                    world.always("the other has begun, or is not done",
                                 (*done)[1] != turns || (*done)[0] == 0);
                  }
                  ++(*done)[static_cast<std::size_t>(task)];
                  if (task == 0 && turn == turns / 2 - 1) {
                    (*done)[1] = 0;
                  }
                });
          }};
}

TEST(Pct, lets_about_half_of_the_hosts_pass_at_a_tie_each_time) {
  Pct pct(1, 3, {});
  int passed = 0;
  for (std::uint64_t host = 0; host < 1'000; ++host) {
    const Question question{.site = Site::tie, .entity = mix(host), .outcomes = 3};
    const std::uint32_t value = pct.choose(question);
    EXPECT_EQ(pct.choose(question), value);
    passed += static_cast<int>(value);
  }
  EXPECT_NEAR(passed, 500, 100);
}

// The entities differ, so that each task that falls is another.
TEST(Pct, lets_as_many_tasks_fall_as_its_depth_says) {
  constexpr std::uint32_t steps = 100'000;
  constexpr std::uint32_t lowest = steps * 16;  // a priority that is drawn is below
  RunShape shape;
  shape.asked[index(Site::run)] = steps;
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    Pct pct(seed, 5, shape);
    int fallen = 0;
    for (std::uint64_t step = 1; step <= steps; ++step) {
      const Question question{.site = Site::run, .entity = step, .outcomes = UINT32_MAX};
      fallen += pct.choose(question) >= lowest ? 1 : 0;
    }
    EXPECT_EQ(fallen, 4) << "seed " << seed;
  }
}

TEST(Pct, of_no_depth_is_a_bug_of_the_caller) {
  EXPECT_DEATH(Pct(1, 0, {}), "a bug has a depth of at least 1");
}

TEST(Pct, is_not_asked_which_transition_happens) {
  EXPECT_DEATH(Pct(1, 3, {}).next({}, {}), "a policy that steers has next");
}

TEST(Pct, finds_what_needs_one_order_as_often_as_it_promises) {
  constexpr int tasks = 5;
  constexpr std::uint64_t seeds = 1'000;
  const Scenario scenario = late_start(tasks, 40);
  EXPECT_GE(found(scenario, "pct:1", seeds), static_cast<int>(seeds) / tasks * 3 / 4);
  EXPECT_EQ(found(scenario, "random", seeds), 0);
}

TEST(Pct, finds_what_needs_one_change_of_priority) {
  constexpr int turns = 20;
  constexpr std::uint64_t seeds = 4'000;
  const Scenario scenario = torn(turns);
  // The guarantee is 1 / (n k) for n = 2 tasks and k steps.
  EXPECT_GE(found(scenario, "pct:2", seeds), static_cast<int>(seeds) / (2 * 2 * (turns + 1)));
  EXPECT_EQ(found(scenario, "pct:1", seeds), 0);
}

RC_GTEST_PROP(LogUniform, lies_between_one_and_the_most, (std::uint64_t bits)) {
  const auto most = *whole_range_and_ends<std::uint32_t>(1, UINT32_MAX);
  const std::uint32_t value = log_uniform(bits, most);
  RC_ASSERT(value >= 1U);
  RC_ASSERT(value <= most);
}

TEST(LogUniform, takes_each_doubling_as_often) {
  std::array<int, 10> of{};
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    ++of[static_cast<std::size_t>(std::bit_width(log_uniform(mix(i), 1'000)) - 1)];
  }
  for (const int times : of) {
    EXPECT_NEAR(times, 1'000, 150);
  }
}

RC_GTEST_PROP(AnyScale, lies_between_one_and_the_most, (std::uint64_t bits)) {
  const auto most = *whole_range_and_ends<std::uint32_t>(1, UINT32_MAX);
  const std::uint32_t value = any_scale(bits, most);
  RC_ASSERT(value >= 1U);
  RC_ASSERT(value <= most);
}

TEST(AnyScale, is_often_large_and_leaves_no_scale_out) {
  int large = 0;
  int small = 0;
  for (std::uint64_t i = 0; i < 10'000; ++i) {
    const std::uint32_t value = any_scale(mix(i), 20'000);
    large += value > 10'000 ? 1 : 0;
    small += value < 16 ? 1 : 0;
  }
  EXPECT_GT(large, 2'500);
  EXPECT_GT(small, 1'000);
}

}  // namespace
}  // namespace rehearsal::simnet
