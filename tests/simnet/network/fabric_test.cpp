#include "simnet/network/fabric.hpp"

#include <gtest/gtest.h>

#include "sched/base/key.hpp"
#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

// Two strings with the same 64-bit FNV-1a hash.
constexpr const char* one = "8yn0iYCKYHlIj4-BwPqk";
constexpr const char* other = "GReLUrM4wMqfg9yzV3KQ";
static_assert(sched::extend_key(sched::empty_key, one) ==
              sched::extend_key(sched::empty_key, other));

// Returns the name that an object called `name` gets.
std::string claimed(Fabric& fabric, std::string name) {
  std::uint64_t key = sched::extend_key(sched::empty_key, name);
  fabric.claim(key, name);
  EXPECT_EQ(key, sched::extend_key(sched::empty_key, name));
  return name;
}

TEST(Fabric, gives_each_object_a_name_of_its_own) {
  Fabric fabric{Choices(Policy::nominal())};
  EXPECT_EQ(claimed(fabric, "a/reader"), "a/reader");
  EXPECT_EQ(claimed(fabric, "a/reader"), "a/reader~2");
  EXPECT_EQ(claimed(fabric, "b/reader"), "b/reader");
  EXPECT_EQ(claimed(fabric, "a/reader"), "a/reader~3");
}

TEST(Fabric, passes_over_a_generation_whose_name_is_taken) {
  Fabric fabric{Choices(Policy::nominal())};
  EXPECT_EQ(claimed(fabric, "reader~2"), "reader~2");
  EXPECT_EQ(claimed(fabric, "reader"), "reader");
  EXPECT_EQ(claimed(fabric, "reader"), "reader~3");
  EXPECT_EQ(claimed(fabric, "reader~3"), "reader~3~2");
}

TEST(Fabric, has_no_two_names_with_one_key) {
  Fabric fabric{Choices(Policy::nominal())};
  claimed(fabric, one);
  EXPECT_DEATH(claimed(fabric, other), "no two names have one key");
}

TEST(Fabric, has_no_two_hosts_with_one_key) {
  World world;
  world.host(one);
  EXPECT_DEATH(world.host(other), "no two names of hosts have one key");
}

}  // namespace
}  // namespace rehearsal::simnet
