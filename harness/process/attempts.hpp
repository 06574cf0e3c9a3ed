// Runs of schedules in a child, where a crash is one more way to fail.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>

#include "harness/process/child.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

// Runs of one scenario, one after the other in one child; after a crash, in a new one.
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
  // As simnet::shrink(), by the rates of the scenario.
  simnet::Shrunk shrink(const simnet::Schedule& failing, simnet::ShrinkBound bound);

 private:
  simnet::Outcome ask(const Tries& tries);

  const simnet::Scenario& scenario_;
  simnet::RunWatchers watchers_;
  std::unique_ptr<Child> child_;  // null: none yet, or the last one is gone
};

// Keeps no deviations: most runs do not fail, and those that do are run again.
class RecordsNothing final : public simnet::RunWatcher {
 public:
  void begins(simnet::World& world) override { world.choices().record(false); }
};

// How far a run is.
struct Reached {
  std::uint64_t event = 0;
  std::uint64_t step = 0;
};
// Writes it down at each event: in shared memory, so that it is known of a run that crashes, too.
class CountsEvents final : public simnet::RunWatcher {
 public:
  explicit CountsEvents(Reached& reached) : reached_(reached) {}
  void begins(simnet::World& world) override;
  void ends(simnet::World& world, const simnet::RunReport& report) override;

 private:
  Reached& reached_;
};

// The length of a run that may crash.
struct RunLength {
  Reached end;      // the event at which it crashes or ends
  std::string log;  // its whole log
};
// Runs the schedule in a child.
[[nodiscard]] RunLength length_of(const simnet::Scenario& scenario,
                                  const simnet::Schedule& schedule);

// What is known of a run in a child, also of one that crashed.
struct ChildRun {
  simnet::Schedule schedule;      // as far as the run came
  std::optional<RunEnded> ended;  // nothing: the process of the run ended before that
  ChildEnd end;
};
// Calls `run` in a child, for one run of the scenario with this watcher.
[[nodiscard]] ChildRun run_in_child(
    const simnet::Scenario& scenario, std::uint64_t data_seed,
    const std::function<RunEnded(simnet::RunWatcher& deviations)>& run);

// The failure of a run whose process ended: how that was, or what it said of it on stderr.
[[nodiscard]] simnet::Failure crash(const ChildEnd& end);

}  // namespace rehearsal::harness
