#include "harness/sweep/seed_workers.hpp"

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

TEST(SeedWorkers, are_no_more_than_the_seeds_and_what_a_queue_holds) {
  const simnet::Scenario scenario("many", "", [](simnet::World& /*world*/) {});
  const WorkPlan plan;
  EXPECT_EQ(SeedWorkers(scenario, plan, 3, 2).workers(), 2U);
  EXPECT_EQ(SeedWorkers(scenario, plan, 3, 1'000).workers(), 3U);
  EXPECT_EQ(SeedWorkers(scenario, plan, 5'000, 1'000).workers(), most_workers);
}

}  // namespace
}  // namespace rehearsal::harness
