// CO_ASSERT_*: the ASSERT_* of GoogleTest for coroutines, where `return` does not compile. The same
// names, arguments and messages; `<<` adds to the message.
//
// A failed one is noted by the run first, and then ends its task with an exception that is no
// std::exception; a `catch (...)` of the program ends up with a run that has failed all the same.
// Its arguments hold no `co_await`: give the result a name first.
#pragma once

#include <gtest/gtest.h>

#include "simnet/failure.hpp"

namespace rehearsal::harness {

// What a failed CO_ASSERT_* expands to: reports, and throws NotedFailure.
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

#define CO_ASSERT_TRUE(condition) \
  GTEST_TEST_BOOLEAN_(condition, #condition, false, true, REHEARSAL_FAILS_TASK_)
#define CO_ASSERT_FALSE(condition) \
  GTEST_TEST_BOOLEAN_(!(condition), #condition, true, false, REHEARSAL_FAILS_TASK_)

#define REHEARSAL_CO_ASSERT_2_(compare, a, b) \
  GTEST_PRED_FORMAT2_(compare, a, b, REHEARSAL_FAILS_TASK_)
#define CO_ASSERT_EQ(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::EqHelper::Compare, a, b)
#define CO_ASSERT_NE(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperNE, a, b)
#define CO_ASSERT_LE(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperLE, a, b)
#define CO_ASSERT_LT(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperLT, a, b)
#define CO_ASSERT_GE(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperGE, a, b)
#define CO_ASSERT_GT(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperGT, a, b)
#define CO_ASSERT_STREQ(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperSTREQ, a, b)
#define CO_ASSERT_STRNE(a, b) REHEARSAL_CO_ASSERT_2_(::testing::internal::CmpHelperSTRNE, a, b)
// For those who include <gmock/gmock.h>.
#define CO_ASSERT_THAT(value, matcher)                                                        \
  GTEST_PRED_FORMAT1_(::testing::internal::MakePredicateFormatterFromMatcher(matcher), value, \
                      REHEARSAL_FAILS_TASK_)
#define CO_FAIL() REHEARSAL_FAILS_TASK_("Failed")
// NOLINTEND(cppcoreguidelines-macro-usage)
