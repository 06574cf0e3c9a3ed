#include "simnet/choices/named_policy.hpp"

#include <algorithm>
#include <memory>
#include <vector>

#include <gtest/gtest.h>

#include "simnet/choices/choices.hpp"
#include "simnet/scenario.hpp"
#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

TEST(NamedPolicy, is_read_back_from_its_text) {
  for (const char* text :
       {"nominal", "random", "pct", "pct:2", "pos", "sparse", "sparse:1", "swarm", "mix", "own"}) {
    const auto policy = NamedPolicy::parse(text);
    ASSERT_TRUE(policy) << text;
    EXPECT_EQ(policy->to_string(), text);
  }
}

TEST(NamedPolicy, is_nothing_where_the_name_or_the_parameter_is_wrong) {
  for (const char* text : {"", "bold", "random:1", "random:", "nominal:x", ":3", "pct:", "pct:0",
                           "pct:101", "pct:3x", "pct:02", "sparse:01", "mix:2"}) {
    EXPECT_FALSE(NamedPolicy::parse(text)) << text;
  }
}

// Holds every task back by one, the first time it is ready.
class FirstIsLate final : public PolicyAlgorithm {
 public:
  [[nodiscard]] bool decides(Site site) const override { return site == Site::run; }
  std::uint32_t choose(const Question& question) override {
    return question.ordinal == 1 && question.outcomes > 1 ? 1 : 0;
  }
};

TEST(PolicyAlgorithm, decides_at_its_sites_and_leaves_the_others_to_the_rates) {
  World world(Policy::directed(3, std::make_shared<FirstIsLate>()));
  add_echo(world, 3, 5);
  const RunReport report = world.run();
  ASSERT_TRUE(report.ok());
  std::size_t late = 0;
  std::size_t others = 0;
  for (const Deviation& deviation : world.choices().deviations()) {
    if (deviation.at.site == Site::run) {
      ++late;
      EXPECT_EQ(deviation.at.ordinal, 1U);
      EXPECT_EQ(deviation.value, 1U);
    } else {
      ++others;
    }
  }
  EXPECT_GE(late, 4U);  // a server, three clients, their sessions
  EXPECT_NE(others, 0U);

  World again(world.choices().deviations());
  add_echo(again, 3, 5);
  EXPECT_EQ(again.run().digest, report.digest);
}

TEST(OwnPolicy, makes_the_runs_of_its_scenario) {
  Scenario scenario("late", "The first is late", [](World& world) { add_echo(world, 3, 5); });
  std::vector<std::uint64_t> seeds;
  std::uint64_t asked = 0;
  scenario.rates[Site::late] = {1'000'000, 7};
  scenario.own_policy = [&](std::uint64_t seed, const Rates& rates, const RunShape& shape) {
    seeds.push_back(seed);
    asked = shape.asked[index(Site::run)];
    return Policy::directed(seed, std::make_shared<FirstIsLate>(), rates);
  };
  const RunResult run = run_scenario(scenario, {3, NamedPolicy::Kind::own});
  EXPECT_EQ(seeds, std::vector<std::uint64_t>{3});
  EXPECT_GT(asked, 20U);
  const auto at = [&run](Site site) {
    return std::ranges::count(run.schedule.deviations, site,
                              [](const Deviation& one) { return one.at.site; });
  };
  EXPECT_GE(at(Site::run), 4);
  EXPECT_GE(at(Site::late), 30);
  EXPECT_EQ(replay_scenario(scenario, run.schedule).report.digest, run.report.digest);
  scenario.own_policy = nullptr;
  EXPECT_DEATH(run_scenario(scenario, {3, NamedPolicy::Kind::own}), "has the policy of its own");
}

TEST(CountingAlgorithm, counts_what_a_nominal_run_is_asked) {
  const auto counting = std::make_shared<CountingAlgorithm>();
  World world(Policy::directed(3, counting));
  add_echo(world, 2, 5);
  const RunReport report = world.run();
  const RunShape shape = counting->shape();
  EXPECT_EQ(shape.asked[index(Site::run)], report.steps);
  std::uint64_t all = 0;
  for (const std::uint64_t asked : shape.asked) {
    all += asked;
  }
  EXPECT_EQ(shape.all(), all);
  World nominal;
  add_echo(nominal, 2, 5);
  EXPECT_EQ(nominal.run().digest, report.digest);
}

}  // namespace
}  // namespace rehearsal::simnet
