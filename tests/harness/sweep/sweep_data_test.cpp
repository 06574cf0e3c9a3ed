#include "harness/sweep/sweep_data.hpp"

#include <chrono>

#include <gtest/gtest.h>
#include <nlohmann/json.hpp>

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

TEST(SweepMoments, are_few_however_long_the_sweep_and_cover_all_of_it) {
  SweepMoments moments;
  constexpr std::uint64_t count = 10'000;
  for (std::uint64_t i = 0; i < count; ++i) {
    moments.add({i * 50ms, i, 0, 0});
  }
  EXPECT_LE(moments.all().size(), 401U);
  EXPECT_GE(moments.all().size(), 150U);
  EXPECT_EQ(moments.all().front().runs, 0U);
  EXPECT_GT(moments.all().back().runs, count - count / 50);
  for (std::size_t i = 1; i < moments.all().size(); ++i) {
    EXPECT_LT(moments.all()[i - 1].runs, moments.all()[i].runs);
  }
}

TEST(SweepData, has_the_first_line_of_each_failure_and_counts_the_others) {
  simnet::Tally tally;
  tally.runs = 7;
  tally.sometimes = {{"full", true}};
  tally.longest = {{12, 3, true}};
  const SweepOutcome outcome{"bank", "mix", {1, 7}, 1500ms, 2};
  const auto data = nlohmann::json::parse(
      sweep_data(outcome, tally, {{3, "deadlock", "stuck\nat x", {}, {}}}, SweepMoments()));
  EXPECT_EQ(data["failed"], 3);
  EXPECT_EQ(data["failures"], (nlohmann::json{{3, "deadlock", "stuck"}}));
  EXPECT_EQ(data["took"], 1500);
  EXPECT_EQ(data["sometimes"]["full"], true);
  EXPECT_EQ(data["longest"], (nlohmann::json{{3, 12, true}}));
}

}  // namespace
}  // namespace rehearsal::harness
