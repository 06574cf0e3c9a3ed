// Tests how the processes of a sweep divide its seeds among themselves.
#include "harness/process/work_queue.hpp"

#include <sys/wait.h>
#include <unistd.h>

#include <cstdint>
#include <vector>

#include <gtest/gtest.h>

namespace rehearsal::harness {
namespace {

TEST(WorkQueue, follow_each_other_and_end_with_the_sweep) {
  WorkQueue claims(10);
  EXPECT_FALSE(claims.standing(0));
  EXPECT_EQ(claims.claim(0, 4), (Claim{0, 4}));
  EXPECT_EQ(claims.claim(1, 4), (Claim{4, 8}));
  EXPECT_EQ(claims.claimed(), 8U);
  EXPECT_EQ(claims.claim(0, 4), (Claim{8, 10}));
  EXPECT_EQ(claims.claim(1, 4), std::nullopt);
  EXPECT_EQ(claims.claimed(), 10U);
}

TEST(WorkQueue, end_when_they_are_closed) {
  WorkQueue claims(10);
  EXPECT_EQ(claims.claim(0, 3), (Claim{0, 3}));
  claims.close();
  EXPECT_EQ(claims.claim(0, 3), std::nullopt);
  EXPECT_EQ(claims.claimed(), 3U);
}

TEST(WorkQueue, say_where_a_process_stood_that_is_gone) {
  WorkQueue claims(10);
  const pid_t process = ::fork();
  if (process == 0) {
    claims.claim(1, 5);
    claims.begins(1, 2);
    ::_exit(0);
  }
  int status = 0;
  ASSERT_EQ(::waitpid(process, &status, 0), process);
  EXPECT_FALSE(claims.standing(0));
  const auto standing = claims.standing(1);
  ASSERT_TRUE(standing);
  EXPECT_EQ(standing->claim, (Claim{0, 5}));
  EXPECT_EQ(standing->at, 2U);
  EXPECT_EQ(claims.claim(0, 1), (Claim{5, 6}));
}

TEST(WorkQueue, of_processes_at_once_meet_every_place_once) {
  constexpr std::uint64_t total = 100'000;
  constexpr std::size_t workers = 4;
  WorkQueue claims(total);
  std::vector<int> pipe_ends(2);
  ASSERT_EQ(::pipe(pipe_ends.data()), 0);
  for (std::size_t worker = 0; worker < workers; ++worker) {
    if (::fork() == 0) {
      while (const auto claim = claims.claim(worker, 1 + worker)) {
        if (::write(pipe_ends[1], &*claim, sizeof(*claim)) != sizeof(*claim)) {
          ::_exit(1);
        }
      }
      ::_exit(0);
    }
  }
  ::close(pipe_ends[1]);
  DoneRanges places;
  Claim claim;
  while (::read(pipe_ends[0], &claim, sizeof(claim)) == sizeof(claim)) {
    ASSERT_FALSE(places.contains(claim.begin));
    places.add(claim);
  }
  ::close(pipe_ends[0]);
  EXPECT_EQ(places.first_missing(), total);
  for (std::size_t worker = 0; worker < workers; ++worker) {
    int status = 0;
    ::wait(&status);
    EXPECT_EQ(status, 0);
  }
}

TEST(DoneRanges, come_in_any_order) {
  DoneRanges places;
  EXPECT_EQ(places.first_missing(), 0U);
  places.add({4, 6});
  places.add({9, 10});
  EXPECT_EQ(places.first_missing(), 0U);
  places.add({0, 4});
  EXPECT_EQ(places.first_missing(), 6U);
  for (const std::uint64_t place : {0U, 3U, 5U, 9U}) {
    EXPECT_TRUE(places.contains(place)) << place;
  }
  for (const std::uint64_t place : {6U, 8U, 10U}) {
    EXPECT_FALSE(places.contains(place)) << place;
  }
  places.add({6, 9});
  EXPECT_EQ(places.first_missing(), 10U);
}

}  // namespace
}  // namespace rehearsal::harness
