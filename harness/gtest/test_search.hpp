// A search of the schedules of a rehearsed test, as the policies "exhaustive" and "delays:2" ask
// for it.
#pragma once

#include <optional>
#include <string>

#include "harness/sweep/search_run.hpp"
#include "sched/base/time.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/search.hpp"

namespace rehearsal::harness {

struct SearchedTest {
  simnet::SearchReport report;
  // Of the first run that failed, also where an expectation failed after its world had ended.
  std::optional<simnet::Schedule> failing;
  std::string skipped;  // the reason of a GTEST_SKIP(); empty: there was none
};

// Goes on until a run fails or skips, all was seen, `plan.runs` are done, or `limit` of real time
// has passed; 0: there is no such limit. What expectations say reaches nobody.
[[nodiscard]] SearchedTest search_test(const simnet::Scenario& scenario, const SearchPlan& plan,
                                       sched::Duration limit);

}  // namespace rehearsal::harness
