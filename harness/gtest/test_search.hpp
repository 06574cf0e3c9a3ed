// A search of the schedules of a simulation test, for the policies "exhaustive", "delays:N" and
// "faults:N".
#pragma once

#include <string>

#include "harness/sweep/search_run.hpp"
#include "sched/base/time.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/search.hpp"

namespace rehearsal::harness {

struct SearchedTest {
  simnet::SearchReport report;
  std::string skipped;  // the message of GTEST_SKIP(), or empty if no run called it
};

// Searches until a run fails or skips, every schedule was seen, `plan.runs` runs are done, or
// `limit` of real time has passed (0 means no limit). GoogleTest does not see failed expectations.
[[nodiscard]] SearchedTest search_test(const simnet::Scenario& scenario, const SearchPlan& plan,
                                       sched::Duration limit);

}  // namespace rehearsal::harness
