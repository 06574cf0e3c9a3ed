#include "harness/sweep/sweep_worker.hpp"

#include <algorithm>
#include <array>
#include <chrono>
#include <optional>

#include "harness/process/attempts.hpp"
#include "harness/process/run_log.hpp"
#include "harness/run_text.hpp"
#include "realnet/clock.hpp"
#include "sched/base/check.hpp"
#include "simnet/choices/choices.hpp"

namespace rehearsal::harness {
namespace {

// The intended duration of a claim. Its results are sent at its end, and all of it is repeated if
// one of its runs crashes.
constexpr sched::Duration claim_takes = std::chrono::milliseconds(10);
constexpr std::uint64_t largest_claim = 4096;

class Worker {
 public:
  Worker(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
         const std::string& program, const Share& share, WorkQueue& claims, const Parent& parent)
      : scenario_(scenario),
        policy_(policy),
        program_(program),
        share_(share),
        claims_(claims),
        parent_(parent) {
    log_.keep(false);
  }

  void run_all() {
    for (const Claim& claim : share_.again) {
      claims_.give(share_.worker, claim);
      run(claim);
    }
    std::uint64_t size = 1;
    sched::Instant begin = realnet::monotonic_now();
    while (const std::optional<Claim> claim = claims_.claim(share_.worker, size)) {
      run(*claim);
      const sched::Instant end = realnet::monotonic_now();
      if (end - begin < claim_takes / 2) {
        size = std::min(2 * size, largest_claim);
      } else if (end - begin > claim_takes) {
        size = std::max<std::uint64_t>(size / 2, 1);
      }
      begin = end;
    }
    parent_.tell(Ends{});
  }

 private:
  void run(const Claim& claim) {
    Tallied tallied{claim.begin, claim.end, {}};
    for (std::uint64_t place = claim.begin; place < claim.end; ++place) {
      claims_.begins(share_.worker, place);
      run({share_.first_seed + place, policy_}, tallied.tally);
    }
    parent_.tell(tallied);
  }

  void run(const simnet::SeededRun& how, simnet::Tally& tally) {
    const std::string command = run_command(program_, scenario_.name, how);
    const sched::CheckNote note(command);
    if (!shape_ && policy_.needs_shape()) {
      shape_ = shape_of(scenario_);  // this needs a run, which may crash
    }
    const std::array<simnet::RunWatcher*, 1> watchers = {&records_nothing_};
    const simnet::RunResult result =
        run_scenario(scenario_, how, watchers, shape_ ? &*shape_ : nullptr);
    tally.add(result);
    if (const std::optional<simnet::Failure> failure = result.report.failure()) {
      parent_.tell(RunFailed{how.seed, result.report.digest, std::string(name(failure->kind)),
                             failure->to_string()});
    }
  }

  const simnet::Scenario& scenario_;
  const simnet::NamedPolicy& policy_;
  const std::string& program_;
  const Share& share_;
  WorkQueue& claims_;
  const Parent& parent_;
  RunLog log_;
  RecordsNothing records_nothing_;
  std::optional<simnet::RunShape> shape_;
};

}  // namespace

void run_share(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
               const std::string& program, const Share& share, WorkQueue& claims,
               const Parent& parent) {
  Worker(scenario, policy, program, share, claims, parent).run_all();
}

}  // namespace rehearsal::harness
