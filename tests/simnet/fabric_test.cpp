#include "simnet/fabric.hpp"

#include <gtest/gtest.h>

#include "sched/key.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

// Two texts of one 64-bit FNV-1a hash.
constexpr const char* one = "8yn0iYCKYHlIj4-BwPqk";
constexpr const char* other = "GReLUrM4wMqfg9yzV3KQ";
static_assert(sched::extend_key(sched::empty_key, one) ==
              sched::extend_key(sched::empty_key, other));

TEST(Fabric, counts_the_tasks_of_a_path) {
  Fabric fabric{Choices(Policy::nominal())};
  EXPECT_EQ(fabric.count(7, "reader"), 0U);
  EXPECT_EQ(fabric.count(7, "reader"), 1U);
  EXPECT_EQ(fabric.count(8, "writer"), 0U);
  EXPECT_EQ(fabric.count(7, "reader"), 2U);
}

TEST(Fabric, has_no_two_paths_of_tasks_with_one_key) {
  Fabric fabric{Choices(Policy::nominal())};
  fabric.count(sched::extend_key(sched::empty_key, one), one);
  EXPECT_DEATH(fabric.count(sched::extend_key(sched::empty_key, other), other),
               "no two paths of tasks have one key");
}

TEST(Fabric, has_no_two_hosts_with_one_key) {
  World world;
  world.host(one);
  EXPECT_DEATH(world.host(other), "no two names of hosts have one key");
}

}  // namespace
}  // namespace rehearsal::simnet
