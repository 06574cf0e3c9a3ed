// The failing run compared with the same run without one deviation, which runs in a child because
// it may crash.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "harness/report/effect.hpp"
#include "simnet/scenario.hpp"
#include "simnet/trace/host_events.hpp"

namespace rehearsal::harness {

inline constexpr std::string_view no_more_events = "this host has no more events";

// The first event in which two runs differ, on the way to the failure.
struct FirstDifference {
  std::uint64_t failing = 0;  // its number in the failing run; 0: its host has no more events
  std::uint64_t other = 0;    // its number in the other run, or 0
  std::string failing_line;   // the events as lines, or no_more_events
  std::string other_line;
};

// The failing run's schedule without one deviation.
struct RunWithout {
  bool passes = false;
  std::string outcome;  // "passes", or its failure in one line; empty: it was not run
  std::optional<FirstDifference> difference;
};

struct Compared {
  Effect effect;
  RunWithout without;
};

// Returns whether all hosts count in the comparison of a run that fails in this way with another:
// no single host's last event is the failure.
[[nodiscard]] bool depends_on_all(const simnet::Failure& failure);

// The failing run.
struct FailingRun {
  const simnet::History& history;
  const simnet::HostEvents& events;
  bool of_all = false;  // depends_on_all()
};

// Replays `schedule` without the deviation, and compares. If that run crashes, only its outcome is
// returned. It ends after four times as many steps as the schedule takes, and 1,000.
[[nodiscard]] Compared compare_in_child(const simnet::Scenario& scenario,
                                        const simnet::Schedule& schedule,
                                        const simnet::AppliedDeviation& applied,
                                        const FailingRun& failing);

}  // namespace rehearsal::harness
