// Runs of schedules in a child process, so that a crash of a run is a failure like others.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "harness/process/child.hpp"
#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

// Runs schedules of one scenario, one after the other in one child; after a crash, in a new child.
class Attempts {
 public:
  // `scenario` must outlive this object.
  explicit Attempts(const simnet::Scenario& scenario) : scenario_(scenario) {}

  // Replays the schedule, and returns the outcome. After a crash, the outcome has all deviations of
  // the schedule, as if each had been applied.
  simnet::Outcome run(const simnet::Schedule& schedule) { return ask({schedule}); }
  // Continues with other choices from `step` on: simnet::continue_scenario() in the child.
  simnet::Outcome continue_from(const simnet::Schedule& schedule, std::uint64_t step,
                                std::uint64_t seed) {
    return ask({schedule, step, seed});
  }
  // Shrinks a failing schedule with the rates of the scenario: simnet::shrink() in the child.
  simnet::Shrunk shrink(const simnet::Schedule& failing, simnet::ShrinkBound bound);

 private:
  simnet::Outcome ask(const Tries& tries);

  const simnet::Scenario& scenario_;
  std::unique_ptr<Child> child_;  // null before the first run and after a crash
};

// Runs what the run of a seed depends on (simnet::SeedRuns), in children. Returns the seeds whose
// runs crash.
[[nodiscard]] std::vector<std::uint64_t> crashes_before(const simnet::Scenario& scenario,
                                                        const simnet::SeededRun& how);
// Runs a seed as a sweep does: after the runs on which it depends, which have no watchers and whose
// log is not kept. `crashed` is the result of crashes_before().
[[nodiscard]] simnet::RunResult run_seed(const simnet::Scenario& scenario,
                                         const simnet::SeededRun& how,
                                         const std::vector<std::uint64_t>& crashed,
                                         simnet::RunWatchers watchers);

// Turns off the recording of deviations: most runs pass, and a failing run is repeated anyway.
class RecordsNothing final : public simnet::RunWatcher {
 public:
  void begins(simnet::World& world) override { world.choices().record(false); }
};

// How far a run has come: the numbers of its last event and step, from 1.
struct Reached {
  std::uint64_t event = 0;
  std::uint64_t step = 0;
};
// Stores the progress of a run at each event. In shared memory, it survives a crash of the run.
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
  Reached end;      // the last event and step before the run crashed or ended
  std::string log;  // the whole log of the run
};
// Runs the schedule in a child, and returns the length and the log of the run.
[[nodiscard]] RunLength length_of(const simnet::Scenario& scenario,
                                  const simnet::Schedule& schedule);

// What is known about a run in a child, even if it crashed.
struct ChildRun {
  simnet::Schedule schedule;         // the deviations up to the end or the crash
  std::vector<Expectation> failed;   // the expectations that failed up to the end or the crash
  std::optional<RunEnded> ended;     // nothing if the process died before the run ended
  std::optional<std::string> skips;  // why the run asked to be skipped, if it did
  ChildEnd end;
};
// Calls `run` in a child. It must do one run of the scenario with the watcher that it receives,
// which reports the schedule; it may tell the parent of expectations and skips. `data_seed` is that
// of the schedule if the child ends before the run begins: the run of a seed may begin as an
// earlier one, and has its data seed.
[[nodiscard]] ChildRun run_in_child(
    const simnet::Scenario& scenario, std::uint64_t data_seed,
    const std::function<RunEnded(simnet::RunWatcher& schedule, const Parent& parent)>& run);

// Returns the failure of a run whose process died: the failed CHECK or the summary of a sanitizer
// on its stderr, or how the process ended.
[[nodiscard]] simnet::Failure crash(const ChildEnd& end);
// Returns how the process ended, and below it, indented, what it wrote on stderr.
[[nodiscard]] std::string crash_text(const ChildEnd& end);

}  // namespace rehearsal::harness
