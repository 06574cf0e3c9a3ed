// The default policy finds every planted bug within its budget. The kept schedule
// (tests/corpus/kept/bench_bugs) still makes it fail, and the fixed variant passes.
#include "tests/corpus/bugs/planted/bugs.hpp"

#include <ostream>
#include <string>
#include <variant>

#include <gtest/gtest.h>

#include "simnet/search/kept.hpp"
#include "tests/corpus/bugs/bench/search.hpp"

namespace rehearsal::bugs {

// Names the parameter of a failing test.
// NOLINTNEXTLINE(misc-use-internal-linkage): GoogleTest looks for it
void PrintTo(const Bug& bug, std::ostream* out) { *out << bug.name; }

namespace {

using simnet::NamedPolicy;
using simnet::RunResult;
using simnet::Scenario;

class PlantedBug : public testing::TestWithParam<Bug> {
 protected:
  [[nodiscard]] static Scenario scenario(Version version) {
    return scenario_of(GetParam(), version);
  }
};

TEST_P(PlantedBug, does_not_show_in_the_nominal_run) {
  const Scenario buggy = scenario(Version::buggy);
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const RunResult run = run_scenario(buggy, {seed, NamedPolicy::Kind::nominal});
    EXPECT_TRUE(run.report.ok()) << seed << ": " << run.report.to_string();
  }
}

TEST_P(PlantedBug, is_found_and_shrunk_by_the_default_policy) {
  const Scenario buggy = scenario(Version::buggy);
  const auto found = find(buggy, NamedPolicy(), SeedSet{});
  ASSERT_TRUE(found);
  const simnet::Shrunk shrunk = shrunk_finding(*found, buggy);
  ASSERT_TRUE(shrunk.failure);
  EXPECT_TRUE(simnet::same_failure(found->failure, *shrunk.failure));
  EXPECT_GE(shrunk.schedule.deviations.size(), 1U);
  EXPECT_LE(shrunk.schedule.deviations.size(), 6U) << shrunk.schedule.to_string();
}

TEST_P(PlantedBug, leaves_its_fixed_variant_green) {
  const auto found = find(scenario(Version::fixed), NamedPolicy(), SeedSet{.most_runs = 200});
  EXPECT_FALSE(found) << found->failure.to_string() << '\n' << found->schedule.to_string();
}

TEST_P(PlantedBug, fails_under_its_kept_schedule_and_its_fixed_variant_passes) {
  const std::string file = simnet::kept_file(REHEARSAL_TRACES, GetParam().name);
  const auto read = simnet::read_kept(file);
  const auto* kept = std::get_if<simnet::KeptSchedule>(&read);
  ASSERT_NE(kept, nullptr) << std::get<simnet::KeptError>(read).to_string();
  EXPECT_TRUE(kept->fails);
  EXPECT_EQ(kept->schedule.scenario, GetParam().name);
  EXPECT_LE(kept->schedule.deviations.size(), 3U);
  const RunResult buggy = replay_scenario(scenario(Version::buggy), kept->schedule);
  EXPECT_EQ(judge_kept(file, *kept, buggy.report.failure(), buggy.not_applied).said, "");
  // The fixed variant may take another path after the bug, so not every deviation need apply to it.
  const RunResult fixed = replay_scenario(scenario(Version::fixed), kept->schedule);
  EXPECT_TRUE(fixed.report.ok()) << fixed.report.to_string();
}

INSTANTIATE_TEST_SUITE_P(Bugs, PlantedBug, testing::ValuesIn(all_bugs()),
                         [](const auto& bug) { return bug.param.name; });

}  // namespace
}  // namespace rehearsal::bugs
