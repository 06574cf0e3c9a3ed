#include "simnet/failure.hpp"

#include <utility>

#include <gtest/gtest.h>

namespace rehearsal::simnet {
namespace {

Failure property(std::string what, std::string where = {}) {
  return {FailureKind::property, std::move(what), std::move(where)};
}

TEST(Failure, is_the_same_where_the_check_is_and_numbers_differ) {
  EXPECT_TRUE(same_failure(property("task client-3/talk failed: byte 12 differs"),
                           property("task client-0/talk failed: byte 7 differs")));
  EXPECT_TRUE(same_failure(property("it holds", "a.cpp:3"), property("it holds", "a.cpp:3")));
}

TEST(Failure, is_another_where_the_check_the_line_or_the_kind_is) {
  EXPECT_FALSE(same_failure(property("it holds"), property("that holds")));
  EXPECT_FALSE(same_failure(property("it holds", "a.cpp:3"), property("it holds", "a.cpp:4")));
  EXPECT_FALSE(same_failure(property("it holds"), {FailureKind::crash, "it holds", {}}));
}

TEST(Failure, of_a_deadlock_is_the_same_if_no_task_waits_at_a_new_line) {
  const auto deadlock = [](std::string at) {
    return Failure{FailureKind::deadlock, "deadlock", std::move(at)};
  };
  EXPECT_TRUE(same_failure(deadlock("a.cpp:1 a.cpp:12 b.cpp:2"), deadlock("a.cpp:12 b.cpp:2")));
  EXPECT_FALSE(same_failure(deadlock("a.cpp:12"), deadlock("a.cpp:1")));
  EXPECT_FALSE(same_failure(deadlock("a.cpp:12"), deadlock("a.cpp:12 a.cpp:13")));
}

// Where the tasks of a livelock run, or wait when the time is over, is chance.
TEST(Failure, of_a_livelock_or_a_time_limit_is_the_same_wherever_it_is) {
  for (const FailureKind kind : {FailureKind::livelock, FailureKind::time_limit}) {
    EXPECT_TRUE(same_failure({kind, "tasks a, b", "a.cpp:1"}, {kind, "tasks c, d", "b.cpp:2"}));
    EXPECT_TRUE(same_failure({kind, "tasks a, b", "a.cpp:1"}, {kind, "tasks a, b", {}}));
  }
  EXPECT_FALSE(
      same_failure({FailureKind::livelock, "tasks", {}}, {FailureKind::time_limit, "tasks", {}}));
}

TEST(Failure, shows_its_line_if_it_has_one) {
  EXPECT_EQ(property("it holds", "a.cpp:3").to_string(), "it holds (a.cpp:3)");
  EXPECT_EQ(property("it holds").to_string(), "it holds");
}

}  // namespace
}  // namespace rehearsal::simnet
