// What a sweep says on stdout: the same text for the same seeds, however many processes ran them,
// in whatever order, and in however many shards.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "servers/retelling.hpp"
#include "servers/seeds.hpp"
#include "simnet/shrink.hpp"
#include "simnet/tally.hpp"

namespace rehearsal::servers {

// What a sweep ran.
struct SweepPlan {
  std::string program;  // as it stands in the commands that are printed
  simnet::NamedPolicy policy;
  Seeds seeds;
  bool explains = true;  // the first failures that differ, each shrunk
  simnet::ShrinkBound bound;
};

// How much is told of a failure: of the first ones all, of some more the seed, then nothing.
enum class Telling : std::uint8_t { full, seed, counted };
// `rank` is how many have failed before it, in the order of seeds.
[[nodiscard]] Telling telling(std::uint64_t rank);

class SweepReport {
 public:
  // Both must outlive it.
  SweepReport(const simnet::Scenario& scenario, const SweepPlan& plan)
      : scenario_(scenario), plan_(plan) {}

  // Prints it, as telling() says. They come in the order of seeds.
  void add(const FailureReport& failure);
  [[nodiscard]] std::uint64_t failures() const { return failures_; }

  // Shrinks and explains the first of those that differ. Prints nothing where none was told in
  // full, or the plan says so.
  void explain();
  // Prints what the runs of these seeds came to; `more` failures were not given to add().
  void conclude(const simnet::Tally& tally, const Seeds& seeds, std::uint64_t more);
  // Prints what was set up and never came in any run. Gives the exit status of the sweep.
  int judge(const simnet::Tally& tally);
  // The exit status by what has failed.
  [[nodiscard]] int status() const { return status_; }

 private:
  const simnet::Scenario& scenario_;
  const SweepPlan& plan_;
  std::uint64_t failures_ = 0;
  int status_ = 0;  // of the first failure
  std::vector<FailureReport> told_;
};

}  // namespace rehearsal::servers
