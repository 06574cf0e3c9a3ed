#include "harness/gtest/test_sweep.hpp"

#include <chrono>
#include <string>
#include <tuple>

#include "harness/sweep/seed_workers.hpp"
#include "realnet/clock.hpp"
#include "simnet/search/seed_runs.hpp"

namespace rehearsal::harness {
namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

constexpr std::chrono::milliseconds wake_every = 50ms;

class Budget {
 public:
  explicit Budget(sched::Duration budget) : budget_(budget) {}
  [[nodiscard]] bool spent() const {
    return budget_ != sched::Duration(0) && realnet::monotonic_now() - start_ >= budget_;
  }

 private:
  sched::Duration budget_;
  sched::Instant start_ = realnet::monotonic_now();
};

}  // namespace

SweptTest sweep_test(const simnet::Scenario& scenario, TestSweep sweep) {
  sweep.work.repeats_first = true;
  sweep.work.stops_at_failure = true;
  sweep.work.looks_for_leaks = true;
  const Budget budget(sweep.budget);
  SeedWorkers workers(scenario, sweep.work, sweep.work.seeds.count(), sweep.jobs);
  SweptTest swept;
  workers.start();
  while (workers.busy()) {
    workers.wait(-1, wake_every);
    if (const std::optional<std::uint64_t> seed = workers.running()) {
      sweep.on_wait(*seed);
    }
    if (workers.claimed() != 0 && budget.spent()) {  // even the smallest budget allows one run
      workers.close();
    }
    if (!swept.finding) {
      swept.finding = workers.next();
    }
    if (swept.finding) {
      workers.close();
      workers.kill();
    }
  }
  if (!swept.finding) {
    swept.finding = workers.next();
  }
  swept.first_differs = workers.first_differs();
  swept.leaked = workers.leaked();
  swept.tally = workers.tally();
  return swept;
}

SweptTest sweep_here(const simnet::Scenario& scenario, const TestSweep& sweep) {
  const Budget budget(sweep.budget);
  simnet::SeedRuns runs(scenario, sweep.work.policy);
  SweptTest swept;
  for (std::uint64_t place = 0; place < sweep.work.seeds.count(); ++place) {
    if (place != 0 && budget.spent()) {
      break;
    }
    const std::uint64_t seed = sweep.work.seeds.first + place;
    sweep.on_wait(seed);
    while (const std::optional<std::uint64_t> earlier = runs.needed_before(seed)) {
      std::ignore = runs.run(*earlier);
    }
    const simnet::RunResult result = runs.run(seed);
    swept.tally.add(result);
    if (const std::optional<simnet::Failure> failure = result.report.failure()) {
      swept.finding = {
          seed, std::string(name(failure->kind)), failure->to_string(), result.report.digest, {}};
      break;
    }
  }
  return swept;
}

}  // namespace rehearsal::harness
