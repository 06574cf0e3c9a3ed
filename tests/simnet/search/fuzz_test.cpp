#include "simnet/search/fuzz.hpp"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

// The index of a site among the sites with a rate in the usual rates.
std::uint8_t place_of(Site site) {
  const Rates rates = Rates::usual();
  std::uint8_t place = 0;
  for (std::size_t i = 0; i < index(site); ++i) {
    place = static_cast<std::uint8_t>(place + (rates.of[i].per_million != 0 ? 1 : 0));
  }
  return place;
}

std::vector<std::uint8_t> bytes_of(Site site, std::uint16_t ordinal, std::uint8_t far) {
  return {place_of(site), static_cast<std::uint8_t>(ordinal & 0xffU),
          static_cast<std::uint8_t>(ordinal >> 8U), far};
}

RC_GTEST_PROP(Fuzz, makes_of_any_bytes_a_run_that_its_schedule_replays,
              (const std::vector<std::uint8_t>& bytes)) {
  const Scenario scenario = three_echo_clients();
  const RunResult run = run_fuzzed(scenario, bytes);
  RC_ASSERT(run.report.ok());
  RC_ASSERT(run.schedule.deviations.size() <= bytes.size() / FuzzChooser::deviation_size);
  const RunResult again = replay_scenario(scenario, run.schedule);
  RC_ASSERT(again.report.digest == run.report.digest);
}

TEST(Fuzz, has_four_bytes_for_each_deviation_in_any_order) {
  const Scenario scenario = three_echo_clients();
  const std::vector<std::uint8_t> late = bytes_of(Site::late, 3, 80);  // 2^10
  const std::vector<std::uint8_t> held = bytes_of(Site::run, 5, 8);    // 2
  std::vector<std::uint8_t> both = late;
  both.insert(both.end(), held.begin(), held.end());
  std::vector<std::uint8_t> turned = held;
  turned.insert(turned.end(), late.begin(), late.end());
  turned.push_back(7);  // left over
  const std::vector<Deviation> found = run_fuzzed(scenario, both).schedule.deviations;
  ASSERT_EQ(found.size(), 2U);
  for (const Deviation& deviation : found) {
    EXPECT_EQ(deviation.value, deviation.at.site == Site::late ? 1024U : 2U);
  }
  EXPECT_EQ(run_fuzzed(scenario, turned).schedule.deviations, found);
  EXPECT_EQ(run_fuzzed(scenario, late).schedule.deviations.size(), 1U);
}

TEST(Fuzz, goes_no_further_than_the_scenario_lets_it) {
  const std::vector<Deviation> found =
      run_fuzzed(three_echo_clients(), bytes_of(Site::late, 0, 255)).schedule.deviations;
  ASSERT_EQ(found.size(), 1U);
  EXPECT_EQ(found.front().value, Rates::usual()[Site::late].most);
}

TEST(Fuzz, of_no_bytes_is_the_nominal_run) {
  World nominal;
  add_echo(nominal, 3, 5);
  EXPECT_EQ(run_fuzzed(three_echo_clients(), {}).report.digest, nominal.run().digest);
}

TEST(FuzzDeathTest, ends_the_process_if_a_run_fails_and_prints_how_to_replay_it) {
  const Scenario fails("fails", "Always", [](World& world) { world.fail("it hurts"); });
  EXPECT_EQ(fuzz(three_echo_clients(), {}), 0);
  EXPECT_DEATH(fuzz(fails, {}), "it hurts[^$]*schedule: fails data=1");
}

}  // namespace
}  // namespace rehearsal::simnet
