// What a sweep says on stdout: the same text for the same seeds, however many processes ran them,
// in whatever order, and in however many shards.
#pragma once

#include <cstdint>
#include <string>

#include "harness/report/failure_report.hpp"
#include "harness/sweep/finding.hpp"
#include "harness/sweep/shard.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::harness {

// What a sweep ran.
struct SweepPlan {
  FailureReportOptions report;  // of the first failure
  simnet::NamedPolicy policy;
  Seeds seeds;
};

// A line is printed of so many failures; those after them, in the order of seeds, are counted.
inline constexpr std::uint64_t most_failures_told = 100;

class SweepReport {
 public:
  // Both must outlive it.
  SweepReport(const simnet::Scenario& scenario, const SweepPlan& plan)
      : scenario_(scenario), plan_(plan) {}

  // Prints its line. They come in the order of seeds.
  void add(const FailureReport& failure);
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

  // Explains the first one, shrunk where the plan says so. Prints nothing if it was not run again.
  void explain(const FailureReport& first);
  // Prints what the runs of these seeds came to; `more` failures were not given to add().
  void conclude(const simnet::Tally& tally, const Seeds& seeds, std::uint64_t more);
  // Prints what was set up and never came in any run. Gives the exit status of the sweep.
  int judge(const simnet::Tally& tally);
  // The exit status by what has failed.
  [[nodiscard]] int status() const { return status_; }

 private:
  // Gives the exit status.
  [[nodiscard]] int explain_schedule(const std::string& line) const;

  const simnet::Scenario& scenario_;
  const SweepPlan& plan_;
  std::uint64_t failures_ = 0;
  // Of the first failure.
  int status_ = 0;
  std::uint64_t first_seed_ = 0;
};

}  // namespace rehearsal::harness
