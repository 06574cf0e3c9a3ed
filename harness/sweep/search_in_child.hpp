// A search in a child process, so that a crash of a run is a failure like others.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "harness/process/child.hpp"
#include "harness/process/shared_memory.hpp"
#include "harness/process/stop_signals.hpp"
#include "harness/sweep/search_run.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Returns what a child tells of a search.
[[nodiscard]] Searched searched(const simnet::SearchReport& report);

// A search is deterministic, so after a crash it is repeated twice up to the run that crashed: to
// count its events, then to read its schedule, which is complete only after its last event.
class SearchInChild {
 public:
  struct Result {
    std::optional<Searched> searched;  // nothing if a run crashed, or a second signal stopped it
    std::uint64_t crashed = 0;         // the number of the run that crashed, from 1, or 0
    simnet::Schedule schedule;         // of the run that crashed
    ChildEnd end;                      // of the child
  };

  // `scenario` and `plan` must outlive this object.
  SearchInChild(const simnet::Scenario& scenario, const SearchPlan& plan)
      : scenario_(scenario), plan_(plan) {}

  // Searches. The first of `signals` ends the search before its next run, the second one at once.
  // `signals` may be null, and are released when the child has ended.
  Result run(StopSignals* signals = nullptr);

 private:
  using Watch = std::function<void(simnet::World& world)>;
  // The progress of the child. It survives a crash of the child.
  struct Standing {
    std::atomic<std::uint64_t> run{0};  // number of the current run, from 1
    std::atomic<bool> stops{false};     // the search must end before the next run
  };

  // Searches; called in the child. If `number` is not 0, calls `watch` when the run of this number
  // starts, and ends after it.
  simnet::SearchReport search(std::uint64_t number, const Watch& watch);
  std::optional<Searched> hear(Child& child, StopSignals* signals);
  simnet::Schedule schedule_of(std::uint64_t number);

  const simnet::Scenario& scenario_;
  const SearchPlan& plan_;
  bool interrupted_ = false;
  SharedMemory<Standing> standing_;
};

}  // namespace rehearsal::harness
