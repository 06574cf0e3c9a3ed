#include "simnet/search/seed_runs.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

// The order in which the messages of each stage arrived.
using Stages = std::vector<std::vector<std::size_t>>;

sched::Task<> note_order(World& world, std::shared_ptr<Stages> stages,
                         sched::Stream<SimulatedNetwork> client, bool names) {
  std::array<std::byte, 2> message{};
  for (;;) {
    const std::size_t size = co_await client.recv_exactly(message);
    if (size < message.size()) {
      co_return;
    }
    const auto stage = static_cast<std::size_t>(message[0]);
    stages->at(stage).push_back(static_cast<std::size_t>(message[1]));
    std::size_t swapped = 0;
    while (swapped < stages->size() && (*stages)[swapped].size() == 2 &&
           (*stages)[swapped][0] != swapped % 2) {
      ++swapped;
    }
    for (std::size_t i = 0; names && i < stages->size(); ++i) {
      world.sometimes("stage " + std::to_string(i) + " is swapped", i < swapped);
    }
    world.always("not every stage is swapped", swapped < stages->size());
  }
}

sched::Task<> note_orders(World& world, std::shared_ptr<Stages> stages, ProgramHost& host,
                          bool names) {
  auto listener = host.listen({"0.0.0.0", 7});
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    sessions.spawn(note_order(world, stages, std::move(*client), names));
  }
}

sched::Task<> send_in_turn(ProgramHost& host, std::size_t me, std::size_t stages) {
  auto server = co_await host.connect({"server", 7});
  for (std::size_t stage = 0; stage < stages; ++stage) {
    const std::size_t second = stage % 2 == me ? 0 : 1;
    co_await sched::sleep_until(sched::Instant((stage + 1) * 10ms + second * 1500us));
    const std::array message = {static_cast<std::byte>(stage), static_cast<std::byte>(me)};
    co_await server.send_all(message);
  }
  co_await sched::sleep_for(20ms);
}

// Two clients send one message each in every stage. The run fails if a delay swaps the two in every
// stage; the first of each stage is another client than in the stage before. `names`: the scenario
// has a milestone for each stage.
Scenario swaps(std::size_t count, bool names) {
  return {"swaps", "", [=](World& world) {
            auto stages = std::make_shared<Stages>(count);
            world.host("server").spawn("serve", [&world, stages, names](ProgramHost& host) {
              return note_orders(world, stages, host, names);
            });
            for (std::size_t i = 0; i < 2; ++i) {
              world.host("client-" + std::to_string(i)).spawn("send", [=](ProgramHost& host) {
                return send_in_turn(host, i, count);
              });
            }
          }};
}

RunResult run_alone(const Scenario& scenario, std::uint64_t seed) {
  SeedRuns runs(scenario, NamedPolicy());
  while (const std::optional<std::uint64_t> earlier = runs.needed_before(seed)) {
    runs.run(*earlier);
  }
  return runs.run(seed);
}

std::optional<std::uint64_t> first_failing_seed(const Scenario& scenario, std::uint64_t most) {
  SeedRuns runs(scenario, NamedPolicy());
  for (std::uint64_t seed = 1; seed <= most; ++seed) {
    if (!runs.run(seed).report.ok()) {
      return seed;
    }
  }
  return std::nullopt;
}

TEST(SeedRuns, approach_three_coincidences_one_by_one) {
  const Scenario scenario = swaps(3, true);
  const std::optional<std::uint64_t> found = first_failing_seed(scenario, 3'000);
  ASSERT_TRUE(found);
  EXPECT_EQ(first_failing_seed(swaps(3, false), 5 * *found), std::nullopt);
  // What was found is a schedule as any other.
  const RunResult failing = run_alone(scenario, *found);
  const RunResult replayed = replay_scenario(scenario, failing.schedule);
  EXPECT_FALSE(replayed.report.ok());
  EXPECT_EQ(replayed.report.digest, failing.report.digest);
  EXPECT_TRUE(replayed.not_applied.empty());
}

// How many runs 20 searches with other seeds need, at most 5,000 each.
struct Needed {
  std::uint64_t median = 0;
  std::size_t found = 0;

  friend bool operator==(const Needed&, const Needed&) = default;
};

Needed needed_runs(const Scenario& scenario) {
  constexpr std::uint64_t most = 5'000;
  std::vector<std::uint64_t> all;
  for (std::uint64_t set = 0; set < 20; ++set) {
    SeedRuns runs(scenario, NamedPolicy());
    std::uint64_t run = 1;
    while (run <= most && runs.run((set << 20U) + run).report.ok()) {
      ++run;
    }
    all.push_back(run);
  }
  std::ranges::sort(all);
  const auto found = std::ranges::count_if(all, [](std::uint64_t run) { return run <= most; });
  return {all[all.size() / 2], static_cast<std::size_t>(found)};
}

// The figures of docs/running.md. A median of 5,001 means that fewer than half found it.
TEST(SeedRuns, need_fewer_runs_for_coincidences_that_have_milestones) {
  EXPECT_EQ(needed_runs(swaps(2, true)), (Needed{103, 20}));
  EXPECT_EQ(needed_runs(swaps(2, false)), (Needed{892, 20}));
  EXPECT_EQ(needed_runs(swaps(3, true)), (Needed{740, 20}));
  EXPECT_EQ(needed_runs(swaps(3, false)), (Needed{5'001, 8}));
}

TEST(SeedRuns, are_the_same_whichever_seeds_are_run) {
  const Scenario scenario = swaps(3, true);
  SeedRuns runs(scenario, NamedPolicy());
  std::uint64_t branched = 0;
  for (std::uint64_t seed = 1; seed <= 2 * SeedRuns::block; ++seed) {
    EXPECT_EQ(runs.needed_before(seed), std::nullopt);
    const std::uint64_t digest = runs.run(seed).report.digest;
    branched += runs.branched() ? 1U : 0U;
    EXPECT_EQ(runs.run(seed).report.digest, digest) << "again, " << seed;
    if (seed % 13 == 0) {
      EXPECT_EQ(run_alone(scenario, seed).report.digest, digest) << "alone, " << seed;
    }
  }
  EXPECT_GT(branched, 20U);
  EXPECT_LT(branched, SeedRuns::block);
}

TEST(SeedRuns, of_a_scenario_without_milestones_depend_on_their_seeds_alone) {
  const Scenario scenario = swaps(3, false);
  SeedRuns runs(scenario, NamedPolicy());
  EXPECT_FALSE(runs.guided());
  for (const std::uint64_t seed : {500U, 3U, 77U}) {
    EXPECT_EQ(runs.needed_before(seed), std::nullopt);
    EXPECT_EQ(runs.run(seed).report.digest,
              run_scenario(scenario, {seed, NamedPolicy()}).report.digest);
  }
  SeedRuns random(swaps(3, true), NamedPolicy::Kind::random);
  EXPECT_FALSE(random.guided());
}

TEST(SeedRuns, depend_on_the_earlier_seeds_of_their_block) {
  const Scenario scenario = swaps(1, true);
  SeedRuns runs(scenario, NamedPolicy());
  EXPECT_EQ(runs.needed_before(1), std::nullopt);
  EXPECT_EQ(runs.needed_before(3), 1U);
  runs.run(1);
  EXPECT_EQ(runs.needed_before(3), 2U);
  runs.leave_out(2);
  EXPECT_EQ(runs.needed_before(3), std::nullopt);
  runs.run(3);
  EXPECT_EQ(runs.needed_before(SeedRuns::block + 1), std::nullopt);
  EXPECT_EQ(runs.needed_before(SeedRuns::block + 2), SeedRuns::block + 1);
  EXPECT_EQ(runs.needed_before(3), 1U) << "a block that was left begins again";
}

TEST(SeedRuns, of_seed_0_depend_on_nothing) {
  const Scenario scenario = swaps(3, true);
  SeedRuns alone(scenario, NamedPolicy());
  EXPECT_EQ(alone.needed_before(0), std::nullopt);
  const std::uint64_t digest = alone.run(0).report.digest;
  SeedRuns runs(scenario, NamedPolicy());
  for (std::uint64_t seed = 1; seed <= SeedRuns::block; ++seed) {
    runs.run(seed);
  }
  EXPECT_EQ(runs.needed_before(0), std::nullopt);
  EXPECT_EQ(runs.run(0).report.digest, digest);
  EXPECT_EQ(runs.needed_before(1), std::nullopt);
}

// Every run reaches this milestone, and each its own state.
TEST(SeedRuns, are_not_guided_by_what_the_first_runs_reach_anyway) {
  const Scenario common("common", "", [](World& world) {
    swaps(1, false).build(world);
    world.sometimes("it begins", true);
    world.state("begun", 1);
  });
  SeedRuns runs(common, NamedPolicy());
  for (std::uint64_t seed = 1; seed <= 50; ++seed) {
    runs.run(seed);
    EXPECT_FALSE(runs.branched());
  }
}

// The run fails if four choices in a row come out as 3.
Scenario deep(bool names) {
  return {"states", "", [names](World& world) {
            world.host("host").spawn([&world, names](ProgramHost& host) -> sched::Task<> {
              std::uint64_t depth = 0;
              for (int i = 0; i < 5; ++i) {
                if (names) {
                  world.state("depth", depth);
                }
                co_await sched::yield();
                depth = host.choose("deeper", 4) == 3 ? depth + 1 : 0;
              }
              world.always("not so deep", depth < 4);
            });
          }};
}

TEST(SeedRuns, begin_where_a_state_was_new) {
  const std::optional<std::uint64_t> found = first_failing_seed(deep(true), 2'000);
  ASSERT_TRUE(found);
  EXPECT_EQ(first_failing_seed(deep(false), 5 * *found), std::nullopt) << *found;
}

}  // namespace
}  // namespace rehearsal::simnet
