#include "simnet/rapidcheck/property_runs.hpp"

#include <chrono>
#include <functional>
#include <new>
#include <stdexcept>
#include <string>
#include <utility>

#include <gtest/gtest.h>

#include "sched/sync/sleep.hpp"

namespace rehearsal::simnet {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using rc::detail::CaseResult;

// Returns the result of `runs.check(build)` for a case.
CaseResult result_of(PropertyRuns& runs, const std::function<void(World&)>& build) {
  try {
    runs.check(build);
    return CaseResult(CaseResult::Type::Success, "passed");
  } catch (const CaseResult& result) {
    return result;
  }
}
CaseResult result_of(const std::function<void(World&)>& build) {
  PropertyRuns runs;
  return result_of(runs, build);
}

template <class Body>
std::function<void(World&)> in_a_task(Body body) {
  return [body](World& world) { world.host("a").spawn([body](auto& /*host*/) { return body(); }); };
}

sched::Task<> assert_and_swallow() {
  co_await sched::sleep_for(1ms);
  try {
    RC_ASSERT(1 + 1 == 3);
  } catch (...) {
  }
  co_await sched::sleep_for(1h);
}
sched::Task<> that_holds() {
  RC_ASSERT(1 + 1 == 2);
  RC_ASSERT_FALSE(1 + 1 == 3);
  RC_ASSERT_THROWS(throw std::runtime_error("x"));
  RC_ASSERT_THROWS_AS(throw std::runtime_error("x"), std::runtime_error);
  co_return;
}
sched::Task<> false_fails() {
  RC_ASSERT_FALSE(1 == 1);
  co_return;
}
sched::Task<> nothing_thrown() {
  RC_ASSERT_THROWS((void)0);
  co_return;
}
sched::Task<> another_thrown() {
  RC_ASSERT_THROWS_AS(throw std::runtime_error("x"), std::bad_alloc);
  co_return;
}
sched::Task<> fails() {
  RC_FAIL("as told");
  co_return;
}
sched::Task<> discards() {
  RC_PRE(1 == 2);
  co_return;
}
sched::Task<> throws() {
  throw std::runtime_error("it hurts");
  co_return;
}

TEST(RcAssert, in_a_task_fails_the_case_even_if_it_is_swallowed) {
  const CaseResult result = result_of(in_a_task(assert_and_swallow));
  EXPECT_EQ(result.type, CaseResult::Type::Failure);
  EXPECT_NE(result.description.find("RC_ASSERT(1 + 1 == 3)"), std::string::npos)
      << result.description;
}

TEST(RcAssert, that_holds_passes) {
  EXPECT_EQ(result_of(in_a_task(that_holds)).type, CaseResult::Type::Success);
}

TEST(RcAssert, and_its_like_fail_a_case) {
  for (const auto& [body, said] : {std::pair{&false_fails, "RC_ASSERT_FALSE(1 == 1)"},
                                   std::pair{&nothing_thrown, "RC_ASSERT_THROWS((void)0)"},
                                   std::pair{&another_thrown, "RC_ASSERT_THROWS_AS("},
                                   std::pair{&fails, "as told"}, std::pair{&throws, "it hurts"}}) {
    const CaseResult result = result_of(in_a_task(body));
    EXPECT_EQ(result.type, CaseResult::Type::Failure);
    EXPECT_NE(result.description.find(said), std::string::npos) << result.description;
  }
}

TEST(RcAssert, in_the_body_fails_the_case) {
  const CaseResult result = result_of([](World& world) {
    world.host("a").spawn([](auto& /*host*/) { return that_holds(); });
    RC_ASSERT(world.run().steps == 77U);
  });
  EXPECT_EQ(result.type, CaseResult::Type::Failure);
  EXPECT_NE(result.description.find("77"), std::string::npos) << result.description;
}

TEST(RcPre, in_a_task_discards_the_case) {
  EXPECT_EQ(result_of(in_a_task(discards)).type, CaseResult::Type::Discard);
}

sched::Task<> draws() {
  const int drawn = *rc::gen::inRange(0, 9).as("a digit");
  co_await sched::sleep_for(drawn * 1ms);
}

TEST(DrawingInATaskDeathTest, is_a_check_that_names_the_remedy) {
  EXPECT_DEATH(result_of(in_a_task(draws)),
               "a rapidcheck generator \\(a digit\\) was drawn inside a run.*draw before");
}

sched::Task<> nap(int milliseconds) { co_await sched::sleep_for(milliseconds * 1ms); }

TEST(Drawing, outside_of_a_run_is_as_ever) {
  const bool passed = rc::check([] {
    const int drawn = *rc::gen::inRange(0, 9);
    PropertyRuns runs;
    runs.check([&](World& world) {
      world.host("a").spawn([drawn](auto& /*host*/) { return nap(drawn); });
    });
    RC_ASSERT(drawn < 9);
  });
  EXPECT_TRUE(passed);
}

}  // namespace
}  // namespace rehearsal::simnet
