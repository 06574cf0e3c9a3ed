#include "harness/gtest/test_search.hpp"

#include <utility>

#include "harness/gtest/capture.hpp"
#include "realnet/clock.hpp"

namespace rehearsal::harness {
SearchedTest search_test(const simnet::Scenario& scenario, const SearchPlan& plan,
                         sched::Duration limit) {
  SearchedTest searched;
  Capture capture;
  const simnet::Scenario watched = capture.watch(scenario);
  const sched::Instant start = realnet::monotonic_now();
  bool began = false;
  simnet::SearchOptions options;
  options.interrupted = [&] {
    const bool late = limit != sched::Duration(0) && realnet::monotonic_now() - start >= limit;
    return std::exchange(began, true) && late;
  };
  searched.report = plan.search(watched, std::move(options));
  searched.skipped = capture.skipped();
  return searched;
}

}  // namespace rehearsal::harness
