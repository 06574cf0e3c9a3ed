#include "harness/gtest/test_search.hpp"

#include <utility>

#include "harness/gtest/capture.hpp"
#include "realnet/clock.hpp"

namespace rehearsal::harness {
SearchedTest search_test(const simnet::Scenario& scenario, const SearchPlan& plan,
                         sched::Duration limit) {
  SearchedTest searched;
  Capture capture;
  const simnet::Scenario watched = watched_by(capture, scenario);
  const sched::Instant start = realnet::monotonic_now();
  bool began = false;
  simnet::SearchOptions options;
  options.interrupted = [&] {
    const bool late = limit != sched::Duration(0) && realnet::monotonic_now() - start >= limit;
    return searched.failing || !capture.skipped().empty() || (std::exchange(began, true) && late);
  };
  options.on_run = [&](const simnet::RunResult& result) {
    if (result.report.ok() && !capture.failed().empty()) {
      searched.failing = result.schedule;
    }
  };
  searched.report = plan.search(watched, std::move(options));
  if (searched.report.failure) {
    searched.failing = searched.report.failure->schedule;
  }
  searched.skipped = capture.skipped();
  return searched;
}

}  // namespace rehearsal::harness
