// What a rehearsed test says when it fails.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "harness/gtest/capture.hpp"

namespace rehearsal::harness {

struct FailureText {
  std::string test;
  std::string found;                       // "run 17 of 100 (seed 17, policy pos)"
  const simnet::Shrunk* shrunk = nullptr;  // null: it was not shrunk
  simnet::ShrinkBound shrunk_within{};
  // Repeats it where its schedule is too long for a shell, or does not.
  std::string otherwise;
  std::string traces;  // the folder to keep it in; empty: none
};

// `run` is the run that is reported: the shrunk one. Where its schedule fails again, it is
// explained (harness/report/explanation.hpp), which runs it several times.
[[nodiscard]] std::string to_string(const FailureText& text, const simnet::Scenario& scenario,
                                    const CapturedRun& run);
// Two runs of one seed that came out differently; the command stands below it.
[[nodiscard]] std::string nondeterminism_text(const std::string& test, std::uint64_t seed,
                                              const CapturedRun& first, const CapturedRun& second);
[[nodiscard]] std::string not_applied_text(const std::vector<simnet::Deviation>& not_applied);
// What is said of a run in which the process dies.
[[nodiscard]] std::string last_words(const std::string& what, const std::string& command);

// Commands to paste: this test alone, and this test with this schedule.
[[nodiscard]] std::string test_command(const std::string& test);
[[nodiscard]] std::string replay_command(const simnet::Schedule& schedule);

}  // namespace rehearsal::harness
