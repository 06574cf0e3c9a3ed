// The texts that a simulation test prints when it fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/gtest/test_run.hpp"

namespace rehearsal::harness {

struct FailureText {
  std::string test;
  std::string found;                       // "run 17 of 100 (seed 17, policy pos)"
  const simnet::Shrunk* shrunk = nullptr;  // null if the failure was not shrunk
  simnet::ShrinkBound shrunk_within{};
  // The command that reproduces the failure if its schedule is too long for a shell.
  std::string otherwise;
  std::string traces;  // the folder of kept schedules; empty if there is none
};

// Returns the report of `run`, the shrunk run. The report explains the failure
// (harness/report/explanation.hpp), for which the schedule is run several times, in children.
[[nodiscard]] std::string to_string(const FailureText& text, const simnet::Scenario& scenario,
                                    const TestRun& run);
// Returns the report of a schedule with deviations that were not applied.
[[nodiscard]] std::string not_applied_text(const std::vector<simnet::Deviation>& not_applied);
// Returns the text to print if a signal ends the process in a run, with the command that repeats
// the run.
[[nodiscard]] std::string last_words(const std::string& what, const std::string& command);

// Returns the command that runs this test alone.
[[nodiscard]] std::string test_command(const std::string& test);
// Returns the command that replays this schedule of its test.
[[nodiscard]] std::string replay_command(const simnet::Schedule& schedule);

}  // namespace rehearsal::harness
