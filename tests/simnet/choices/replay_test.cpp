// A run is the default run plus its deviations.
#include <algorithm>
#include <map>
#include <set>

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "simnet/choices/choices.hpp"
#include "tests/simnet/echo_world.hpp"
#include "tests/whole_range.hpp"

namespace rehearsal::simnet {
namespace {

// Adds hosts in pairs that never communicate across pairs: pair N is "server-N" and "client-N".
void add_pairs(World& world, int pairs) {
  for (int pair = 0; pair < pairs; ++pair) {
    const std::string server = "server-" + std::to_string(pair);
    world.host(server).spawn([](ProgramHost& host) { return echo_server(host); });
    world.host("client-" + std::to_string(pair)).spawn([=](ProgramHost& host) {
      return echo_client(host, server, 3, 200);
    });
  }
}

// A policy under which every kind of choice deviates, and often.
Policy wild(std::uint64_t seed) {
  Policy policy = Policy::random(seed);
  for (Rate& rate : policy.rates.of) {
    rate.per_million = rate.per_million == 0 ? 0 : 200'000;
  }
  policy[Site::lost] = {50'000, 2};
  return policy;
}

// The choices that were made, by entity, until nothing more happens.
using Asked = std::map<std::string, std::vector<std::pair<Site, std::uint32_t>>>;

Asked asked_in(World& world) {
  Asked asked;
  world.choices().listen(
      [&](const Coordinate& at) { asked[at.entity].emplace_back(at.site, at.ordinal); });
  EXPECT_TRUE(world.run_for(1h).ok());
  return asked;
}

bool belongs_to(const std::string& entity, int pair) {
  const std::string number = '-' + std::to_string(pair);
  for (const char* host : {"server", "client"}) {
    const std::string name = host + number;
    if (entity == name || entity.starts_with(name + '/') || entity.starts_with(name + ':')) {
      return true;
    }
  }
  return false;
}

RC_GTEST_PROP(Replay, of_the_deviations_makes_the_same_run, (std::uint64_t seed)) {
  World found(wild(seed));
  add_echo(found, 3, 5);
  const RunReport first = found.run();
  RC_ASSERT(first.ok());
  World again(found.choices().deviations());
  add_echo(again, 3, 5);
  const RunReport second = again.run();
  RC_ASSERT(second.digest == first.digest);
  RC_ASSERT(second.time == first.time);
  RC_ASSERT(again.choices().deviations() == found.choices().deviations());
  RC_ASSERT(again.choices().not_applied().empty());
}

RC_GTEST_PROP(Replay, without_one_deviation_moves_no_coordinate_of_the_others,
              (std::uint64_t seed)) {
  constexpr int pairs = 3;
  World found(wild(seed));
  add_pairs(found, pairs);
  const Asked before = asked_in(found);
  std::vector<Deviation> deviations = found.choices().deviations();
  RC_PRE(!deviations.empty());
  const auto removed =
      deviations.begin() + *whole_range_and_ends<std::ptrdiff_t>(0, std::ssize(deviations));
  const Deviation without = std::move(*removed);
  deviations.erase(removed);
  World again(deviations);
  add_pairs(again, pairs);
  const Asked after = asked_in(again);
  for (int pair = 0; pair < pairs; ++pair) {
    if (belongs_to(without.at.entity, pair)) {
      continue;
    }
    for (const auto& [entity, choices] : before) {
      if (belongs_to(entity, pair)) {
        std::vector<std::pair<Site, std::uint32_t>> ours = choices;
        std::vector<std::pair<Site, std::uint32_t>> theirs = after.at(entity);
        // A tie is between two hosts: one that a host of a pair meets need not belong to the pair.
        std::erase_if(ours, [](const auto& choice) { return choice.first == Site::tie; });
        std::erase_if(theirs, [](const auto& choice) { return choice.first == Site::tie; });
        RC_ASSERT(ours == theirs);
      }
    }
  }
}

TEST(Replay, says_which_deviations_were_not_applied) {
  const std::vector<Deviation> never_asked = {{{Site::late, "client-9/0#0>", 0}, 5}};
  const std::vector<Deviation> out_of_range = {{{Site::tie, "server", 0}, 7}};
  std::vector<Deviation> both = never_asked;
  both.push_back(out_of_range.front());
  World world(both);
  add_echo(world, 2, 1);
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(world.choices().not_applied(), both);
  EXPECT_TRUE(world.choices().deviations().empty());
}

TEST(Replay, of_nothing_is_the_nominal_run) {
  World nominal;
  add_echo(nominal, 2, 3);
  World replayed(std::vector<Deviation>{});
  add_echo(replayed, 2, 3);
  EXPECT_EQ(nominal.run().digest, replayed.run().digest);
}

TEST(Choices, of_two_runs_differ_where_their_seeds_do) {
  std::set<std::uint64_t> digests;
  for (std::uint64_t seed = 0; seed < 20; ++seed) {
    World world(wild(seed));
    add_echo(world, 2, 5);
    digests.insert(world.run().digest);
  }
  EXPECT_EQ(digests.size(), 20U);
}

}  // namespace
}  // namespace rehearsal::simnet
