// The digest of a run is the same in every build. A difference on another compiler or optimisation
// level means a dependence on something outside the schedule.
#include "simnet/network/digest.hpp"

#include <array>

#include <gtest/gtest.h>

#include "tests/simnet/echo_world.hpp"

namespace rehearsal::simnet {
namespace {

std::uint64_t digest_of(const Policy& policy) {
  World world(policy);
  add_echo(world, 4, 20, 300);
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  return report.digest;
}

TEST(Digest, of_these_runs_is_known) {
  EXPECT_EQ(digest_of(Policy::nominal()), 2020163744631484308U);
  constexpr std::array<std::uint64_t, 4> of_seed = {13251852733873172067U, 14627546376374082650U,
                                                    16880955890504223085U, 7266841688250445938U};
  for (std::uint64_t seed = 0; seed < of_seed.size(); ++seed) {
    EXPECT_EQ(digest_of(Policy::random(seed)), of_seed[seed]) << "seed " << seed;
  }
}

TEST(Digest, takes_in_the_bytes_that_are_sent) {
  const auto one = pattern(600, 1);
  // Short sizes first, then longer ones that are hashed in bigger pieces.
  for (std::size_t size = 0; size <= one.size(); size += size < 100 ? 1 : 49) {
    const auto bytes = std::span(one).first(size);
    for (std::size_t i = 0; i < size; ++i) {
      auto changed = one;
      changed[i] ^= std::byte{1};
      EXPECT_NE(sched::hash_bytes(bytes), sched::hash_bytes(std::span(changed).first(size)));
    }
  }
}

}  // namespace
}  // namespace rehearsal::simnet
