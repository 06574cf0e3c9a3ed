#include "harness/gtest/settings.hpp"

#include <array>
#include <cstdint>
#include <string>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

TEST(Demands, go_before_the_options_of_a_test) {
  RehearseOptions options;
  options.runs = 7;
  options.policy = "pos";
  Demands demands;
  EXPECT_EQ(demands.over(options).runs, 7U);
  EXPECT_EQ(demands.over(options).policy, "pos");
  EXPECT_EQ(demands.set("runs", "9"), "");
  EXPECT_EQ(demands.set("policy", "pct:3"), "");
  EXPECT_EQ(demands.set("seed", "0"), "");
  EXPECT_EQ(demands.set("shrink_runs", "11"), "");
  EXPECT_EQ(demands.set("shrink_tried", "12"), "");
  EXPECT_EQ(demands.over(options).runs, 9U);
  EXPECT_EQ(demands.over(options).policy, "pct:3");
  EXPECT_EQ(demands.over(options).seed, 0U);
  EXPECT_EQ(demands.over(options).shrink.runs, 11U);
  EXPECT_EQ(demands.over(options).shrink.tried, 12U);
}

TEST(Demands, for_seconds_alone_leave_the_runs_of_the_test) {
  Demands demands;
  EXPECT_EQ(demands.set("seconds", "2"), "");
  EXPECT_EQ(demands.over({}).runs, 1000U);
  EXPECT_EQ(demands.over({}).seconds, 2U);
  EXPECT_EQ(demands.set("runs", "5"), "");
  EXPECT_EQ(demands.over({}).runs, 5U);
  EXPECT_EQ(demands.over({}).seconds, 2U);
}

TEST(Demands, for_runs_are_not_cut_short_by_the_seconds_of_a_test) {
  RehearseOptions options;
  options.seconds = 3;
  Demands demands;
  EXPECT_EQ(demands.over(options).seconds, 3U);
  EXPECT_EQ(demands.set("runs", "5"), "");
  EXPECT_EQ(demands.over(options).seconds, 0U);
}

TEST(Demands, that_are_wrong_are_refused_with_what_was_expected) {
  Demands demands;
  for (const auto& [name, value, said] : {
           std::array{"runs", "0", "'0' is not a whole number from 1 to 18446744073709551615"},
           std::array{"runs", "1e3", "'1e3' is not a whole number"},
           std::array{"runs", "", "'' is not a whole number"},
           std::array{"seconds", "-1", "'-1' is not a whole number from 1 to 1000000"},
           std::array{"policy", "bold", "'bold' is not one of nominal"},
           std::array{"keep", "a/b", "'a/b' is not a plain file name"},
           std::array{"seeds", "1", "'seeds' is not one of policy, replay, traces, keep, runs"},
       }) {
    EXPECT_NE(demands.set(name, value).find(said), std::string::npos) << demands.set(name, value);
  }
}

}  // namespace
}  // namespace rehearsal::harness
