#include "sched/base/check.hpp"

#include <gtest/gtest.h>

namespace rehearsal::sched {
namespace {

TEST(Check, passes_silently_if_it_holds) {
  ::testing::internal::CaptureStderr();
  check(true, "all is well");
  EXPECT_EQ(::testing::internal::GetCapturedStderr(), "");
}

TEST(Check, ends_the_process_with_what_failed_and_where) {
  EXPECT_DEATH(check(false, "a queue is never negative"),
               "CHECK failed: a queue is never negative \\(.*check_test\\.cpp:[0-9]+\\)\n");
}

TEST(Check, prints_each_note_in_force_the_innermost_first) {
  const CheckNote run("run 7 of the search");
  const CheckNote step("step 12");
  EXPECT_DEATH(check_failed("it broke"), "it broke .*\n  step 12\n  run 7 of the search\n$");
}

TEST(Check, prints_no_note_that_has_ended) {
  const CheckNote run("run 7 of the search");
  {
    const CheckNote step("step 12");
  }
  EXPECT_DEATH(check_failed("it broke"), "check_test\\.cpp:[0-9]+\\)\n  run 7 of the search\n$");
}

}  // namespace
}  // namespace rehearsal::sched
