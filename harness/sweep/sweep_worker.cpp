#include "harness/sweep/sweep_worker.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "harness/process/attempts.hpp"
#include "harness/process/run_log.hpp"
#include "realnet/clock.hpp"
#include "sched/base/check.hpp"
#include "simnet/choices/choices.hpp"
#include "simnet/search/seed_runs.hpp"

namespace rehearsal::harness {
namespace {

// The intended duration of a claim. Its results are sent at its end, and all of it is repeated if
// one of its runs crashes.
constexpr sched::Duration claim_takes = std::chrono::milliseconds(10);
constexpr std::uint64_t largest_claim = 4096;

class Worker {
 public:
  Worker(const simnet::Scenario& scenario, const WorkPlan& plan, const Share& share,
         WorkQueue& claims, const Parent& parent)
      : runs_(scenario, plan.policy), plan_(plan), share_(share), claims_(claims), parent_(parent) {
    log_.keep(false);
    for (const std::uint64_t seed : share.crashed) {
      runs_.leave_out(seed);
    }
  }

  void run_all() {
    for (const Claim& claim : share_.again) {
      claims_.give(share_.worker, claim);
      run(claim);
    }
    std::uint64_t size = 1;
    sched::Instant begin = realnet::monotonic_now();
    while (const std::optional<Claim> claim = next_claim(size)) {
      run(*claim);
      const sched::Instant end = realnet::monotonic_now();
      if (end - begin < claim_takes / 2) {
        size = std::min(2 * size, largest_claim);
      } else if (end - begin > claim_takes) {
        size = std::max<std::uint64_t>(size / 2, 1);
      }
      begin = end;
    }
    parent_.tell(Ends{plan_.looks_for_leaks && has_leaked()});
  }

 private:
  // Runs that depend on each other are claimed together: up to the end of a block, if any run of
  // this process has shown that they do.
  std::optional<Claim> next_claim(std::uint64_t size) {
    if (!any_ran_ || !runs_.guided()) {
      return claims_.claim(share_.worker, size);
    }
    return claims_.claim_block(share_.worker, simnet::SeedRuns::block,
                               simnet::SeedRuns::place_in_block(plan_.seeds.first));
  }

  void run(const Claim& claim) {
    Tallied tallied{claim.begin, claim.begin, {}};
    bool failed = false;
    while (tallied.end < claim.end && !(failed && plan_.stops_at_failure)) {
      const std::uint64_t place = tallied.end++;
      claims_.begins(share_.worker, place);
      const std::uint64_t seed = plan_.seeds.first + place;
      // This may run the default run, which may crash.
      while (const std::optional<std::uint64_t> earlier = runs_.needed_before(seed)) {
        // It may be a seed before the first one; the places wrap around, as unsigned integers.
        claims_.begins(share_.worker, *earlier - plan_.seeds.first);
        run(*earlier);
        claims_.begins(share_.worker, place);
      }
      const simnet::RunResult result = run(seed);
      tallied.tally.add(result);
      tallied.tally.note_length(seed, result);
      const std::optional<simnet::Failure> failure = result.report.failure();
      if (failure) {
        failed = true;
        parent_.tell(RunFailed{seed, result.report.digest, std::string(name(failure->kind)),
                               failure->to_string()});
      } else if (place == 0 && plan_.repeats_first) {
        const simnet::RunResult again = run(seed);
        if (again.report.digest != result.report.digest || again.report.failure()) {
          parent_.tell(RunDiffers{});
        }
      }
    }
    parent_.tell(tallied);
  }

  simnet::RunResult run(std::uint64_t seed) {
    const std::string command = plan_.command(seed);
    const sched::CheckNote note(command);
    const std::array<simnet::RunWatcher*, 1> watchers = {&records_nothing_};
    any_ran_ = true;
    return runs_.run(seed, watchers);
  }

  simnet::SeedRuns runs_;
  const WorkPlan& plan_;
  const Share& share_;
  WorkQueue& claims_;
  const Parent& parent_;
  RunLog log_;
  RecordsNothing records_nothing_;
  bool any_ran_ = false;
};

}  // namespace

void run_share(const simnet::Scenario& scenario, const WorkPlan& plan, const Share& share,
               WorkQueue& claims, const Parent& parent) {
  Worker(scenario, plan, share, claims, parent).run_all();
}

}  // namespace rehearsal::harness
