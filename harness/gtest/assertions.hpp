// CO_ASSERT_*: the ASSERT_* macros of GoogleTest for coroutines, in which `return` does not
// compile. They have the same names, arguments and messages; `<<` adds to the message.
//
// A failed assertion first marks the run as failed. Then it ends its task with an exception that
// is not derived from std::exception. The run fails even if `catch (...)` in the program swallows
// that exception. An argument must not contain `co_await`: store the result in a variable first.
#pragma once

#include <gtest/gtest.h>

#include "simnet/failure.hpp"

namespace rehearsal::harness {

// A failed CO_ASSERT_* assigns its message to this: reports the failure and throws NotedFailure.
class FailsTask {
 public:
  FailsTask(const char* file, int line, const char* message)
      : file_(file), line_(line), message_(message) {}
  [[noreturn]] void operator=(const testing::Message& streamed) const;  // NOLINT: as GoogleTest's

 private:
  const char* file_;
  int line_;
  const char* message_;
};

}  // namespace rehearsal::harness

// NOLINTBEGIN(cppcoreguidelines-macro-usage)
#define REHEARSAL_FAILS_TASK_(message) \
  ::rehearsal::harness::FailsTask(__FILE__, __LINE__, message) = ::testing::Message()

/// Asserts that `condition` is true.
#define CO_ASSERT_TRUE(condition) \
  GTEST_TEST_BOOLEAN_(condition, #condition, false, true, REHEARSAL_FAILS_TASK_)
/// Asserts that `condition` is false.
#define CO_ASSERT_FALSE(condition) \
  GTEST_TEST_BOOLEAN_(!(condition), #condition, true, false, REHEARSAL_FAILS_TASK_)

#define REHEARSAL_CO_ASSERT_2_(compare, a, b) \
  GTEST_PRED_FORMAT2_(compare, a, b, REHEARSAL_FAILS_TASK_)
/// Asserts that `a == b`.
#define CO_ASSERT_EQ(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::EqHelper::Compare, a, b)
/// Asserts that `a != b`.
#define CO_ASSERT_NE(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperNE, a, b)
/// Asserts that `a <= b`.
#define CO_ASSERT_LE(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperLE, a, b)
/// Asserts that `a < b`.
#define CO_ASSERT_LT(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperLT, a, b)
/// Asserts that `a >= b`.
#define CO_ASSERT_GE(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperGE, a, b)
/// Asserts that `a > b`.
#define CO_ASSERT_GT(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperGT, a, b)
/// Asserts that two C strings have the same content.
#define CO_ASSERT_STREQ(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperSTREQ, a, b)
/// Asserts that two C strings have different content.
#define CO_ASSERT_STRNE(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperSTRNE, a, b)
/// Asserts that `value` matches `matcher`. The source must include <gmock/gmock.h>.
#define CO_ASSERT_THAT(value, matcher)                                                        \
  GTEST_PRED_FORMAT1_(::testing::internal::MakePredicateFormatterFromMatcher(matcher), value, \
                      REHEARSAL_FAILS_TASK_)
/// Fails the run and ends the task.
#define CO_FAIL() REHEARSAL_FAILS_TASK_("Failed")
// NOLINTEND(cppcoreguidelines-macro-usage)
