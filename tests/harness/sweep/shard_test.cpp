// Tests how the seeds of a sweep are divided among shards.
#include "harness/sweep/shard.hpp"

#include <limits>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

TEST(Seeds, are_written_as_they_are_read) {
  EXPECT_EQ(Seeds::parse("3..17"), (Seeds{3, 17}));
  EXPECT_EQ((Seeds{3, 17}).to_string(), "3..17");
  EXPECT_EQ((Seeds{3, 17}).count(), 15U);
  for (const char* text : {"", "3", "3..", "..3", "4..3", "3...5", "-1..3", "3..5 ",
                           "0..18446744073709551615", "1..18446744073709551616"}) {
    EXPECT_FALSE(Seeds::parse(text)) << text;
  }
}

TEST(Shard, are_written_as_they_are_read) {
  EXPECT_EQ(Shard::parse("2/3"), (Shard{2, 3}));
  EXPECT_EQ((Shard{2, 3}).to_string(), "2/3");
  for (const char* text : {"", "2", "0/3", "4/3", "1/0", "2/", "/3", "2/3/4", "1/1000001"}) {
    EXPECT_FALSE(Shard::parse(text)) << text;
  }
}

TEST(Shard, parts_follow_each_other_and_differ_by_one_seed_at_most) {
  for (const Seeds seeds : {Seeds{1, 10}, Seeds{5, 5}, Seeds{0, 99},
                            Seeds{1, std::numeric_limits<std::uint64_t>::max()}}) {
    for (const std::uint64_t shards : {1U, 2U, 3U, 7U, 100U}) {
      SCOPED_TRACE(seeds.to_string() + " in " + std::to_string(shards));
      std::uint64_t next = seeds.first;
      std::uint64_t counted = 0;
      for (std::uint64_t number = 1; number <= shards; ++number) {
        const auto part = Shard{number, shards}.part_of(seeds);
        const std::uint64_t count = part ? part->count() : 0;
        EXPECT_TRUE(count == seeds.count() / shards || count == seeds.count() / shards + 1);
        if (part) {
          EXPECT_EQ(part->first, next);
          next = part->last + 1;
        }
        counted += count;
      }
      EXPECT_EQ(counted, seeds.count());
    }
  }
}

}  // namespace
}  // namespace rehearsal::harness
