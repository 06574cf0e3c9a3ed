// The output of a sweep on stdout: the same text for the same seeds, whatever the number of
// processes, the order of the runs, and the number of shards.
#pragma once

#include <cstdint>
#include <string>

#include "harness/failure/failure_report.hpp"
#include "harness/sweep/finding.hpp"
#include "harness/sweep/shard.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::harness {

// The input of a sweep.
struct SweepPlan {
  FailureReportOptions report;  // options for the report of the first failure
  simnet::NamedPolicy policy;
  Seeds seeds;
};

// Maximum number of failures that are printed; the failures of larger seeds are only counted.
inline constexpr std::uint64_t most_failures_told = 100;

class SweepReport {
 public:
  // `scenario` and `plan` must outlive this object.
  SweepReport(const simnet::Scenario& scenario, const SweepPlan& plan)
      : scenario_(scenario), plan_(plan) {}

  // Prints the line of a failure. Call it in ascending order of seeds.
  void add(const FailureReport& failure);
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

  // Explains the first failure, and shrinks it first if the plan asks for that. Does nothing if the
  // failing run was not repeated.
  void explain(const FailureReport& first);
  // Prints the summary of these seeds. `more` counts the failures that were not passed to add().
  void conclude(const simnet::Tally& tally, const Seeds& seeds, std::uint64_t more);
  // Prints what was set up and never occurred. Returns the exit status of the sweep.
  int judge(const simnet::Tally& tally);
  // Returns the exit status of the failures, 0 if there are none.
  [[nodiscard]] int status() const { return status_; }

 private:
  // Returns the exit status of the explained failure.
  [[nodiscard]] int explain_schedule(const FailureReport& first) const;

  const simnet::Scenario& scenario_;
  const SweepPlan& plan_;
  std::uint64_t failures_ = 0;
  // These are of the first failure.
  int status_ = 0;
  std::uint64_t first_seed_ = 0;
};

}  // namespace rehearsal::harness
