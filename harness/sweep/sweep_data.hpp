// What the page of a sweep shows of its runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "harness/sweep/finding.hpp"
#include "harness/sweep/shard.hpp"
#include "sched/base/time.hpp"
#include "simnet/search/tally.hpp"

namespace rehearsal::harness {

// How far a sweep had come. The moments of one sweep are at most 400, at growing intervals.
struct SweepMoment {
  sched::Duration elapsed{};  // real time
  std::uint64_t runs = 0;
  std::uint64_t failed = 0;
  std::uint64_t reached = 0;  // Tally::reached()
};

class SweepMoments {
 public:
  // Adds a moment, unless it comes too soon after the last one.
  void add(const SweepMoment& moment);
  [[nodiscard]] const std::vector<SweepMoment>& all() const { return moments_; }

 private:
  static constexpr std::size_t most = 400;

  std::vector<SweepMoment> moments_;
  sched::Duration interval_{};
};

struct SweepOutcome {
  std::string scenario;
  std::string policy;
  Seeds seeds;
  sched::Duration took{};  // real time
  std::uint64_t more = 0;  // failures that are not in `failures`
};

// Returns the JSON of the field `sweep` (harness/report/page/page_format.md).
[[nodiscard]] std::string sweep_data(const SweepOutcome& outcome, const simnet::Tally& tally,
                                     const std::vector<FailureReport>& failures,
                                     const SweepMoments& moments);

}  // namespace rehearsal::harness
