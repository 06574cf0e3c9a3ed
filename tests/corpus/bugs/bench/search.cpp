#include "tests/corpus/bugs/bench/search.hpp"

#include <ctime>

#include "simnet/search/seed_runs.hpp"

namespace rehearsal::bugs {
namespace {

std::uint64_t thread_microseconds() {
  timespec now{};
  ::clock_gettime(CLOCK_THREAD_CPUTIME_ID, &now);
  return static_cast<std::uint64_t>(now.tv_sec) * 1'000'000 +
         static_cast<std::uint64_t>(now.tv_nsec) / 1'000;
}

}  // namespace

std::optional<Finding> find(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
                            const SeedSet& seeds) {
  const std::uint64_t start = thread_microseconds();
  simnet::SeedRuns runs(scenario, policy);
  for (std::uint64_t run = 1; run <= seeds.most_runs; ++run) {
    const simnet::RunResult result = runs.run(seeds.seed(run));
    if (const auto failure = result.report.failure()) {
      return Finding{run, thread_microseconds() - start, *failure, result.schedule};
    }
  }
  return std::nullopt;
}

simnet::Shrunk shrunk_finding(const Finding& finding, const simnet::Scenario& scenario) {
  simnet::ShrinkBound bound;
  bound.rates = scenario.rates;
  return simnet::shrink(finding.schedule, simnet::attempt_here(scenario), bound);
}

}  // namespace rehearsal::bugs
