// Why a schedule fails, as a person is told: what failed, what it took, where it was decided, what
// happened last, how everything stood then, and how to see it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>

#include "simnet/scenario.hpp"
#include "simnet/search/shrink.hpp"

namespace rehearsal::harness {

struct ExplainOptions {
  ExplainOptions() = default;

  // What failed, where more is known of it than the failure says, and how to see it again: whole
  // lines, each with its break.
  std::string what;
  std::string again;
  std::size_t width = 0;         // of the terminal, in characters; 0: it goes to none
  bool bold = false;             // headings are
  std::uint64_t samples = 20;    // continuations from a step, in the search for the critical one
  simnet::RunWatchers watchers;  // of each run
};

// REQUIRES: the schedule, replayed, fails so. Runs it several times, in a child where it crashes;
// the continuations, which may crash, always are in one. Several lines, each with its break.
[[nodiscard]] std::string explain(const simnet::Scenario& scenario,
                                  const simnet::Schedule& schedule, const simnet::Failure& failure,
                                  const ExplainOptions& options);

// How stdout is to be written to: the width and boldness of its terminal, if it is one.
[[nodiscard]] ExplainOptions for_stdout();

}  // namespace rehearsal::harness
