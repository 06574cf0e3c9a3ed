// Attempts are runs of schedules of one scenario in a child, one after the other: a crash is one
// more way to fail, and the next attempt gets a new child.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "harness/process/child.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

class Attempts {
 public:
  // `watchers` are of each run, in the child. All must outlive it.
  explicit Attempts(const simnet::Scenario& scenario, simnet::RunWatchers watchers = {})
      : scenario_(scenario), watchers_(watchers) {}

  // Of a crash, every deviation is taken to have been applied.
  simnet::Outcome run(const simnet::Schedule& schedule) { return ask({schedule}); }
  // As simnet::continue_scenario().
  simnet::Outcome continue_from(const simnet::Schedule& schedule, std::uint64_t step,
                                std::uint64_t seed) {
    return ask({schedule, step, seed});
  }

 private:
  simnet::Outcome ask(const Tries& tries);

  const simnet::Scenario& scenario_;
  simnet::RunWatchers watchers_;
  std::unique_ptr<Child> child_;  // null: none yet, or the last one is gone
};

// Tells each deviation as it comes.
class TellsDeviations final : public simnet::RunWatcher {
 public:
  explicit TellsDeviations(const Parent& parent) : parent_(parent) {}
  void begins(simnet::World& world) override;

 private:
  const Parent& parent_;
};

// The failure of a run whose process ended: how that was, or what it said of it on stderr.
[[nodiscard]] simnet::Failure crash(const std::string& how, const std::string& errors);

}  // namespace rehearsal::harness
