// Why a schedule fails, as a person is told: what failed, what it took, where it was decided, what
// happened last, how everything stood then, and how to see it again.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>

#include "simnet/shrink.hpp"

namespace rehearsal::servers {

struct ExplainOptions {
  ExplainOptions() = default;

  std::string program;         // as it stands in the commands that are printed
  std::size_t width = 0;       // of the terminal, in characters; 0: it goes to none
  bool bold = false;           // headings are
  std::uint64_t samples = 20;  // continuations from a step, in the search for the critical one
  // As simnet::continue_scenario(), where it may crash; empty: they run in this process.
  std::function<simnet::Outcome(const simnet::Schedule& schedule, std::uint64_t step,
                                std::uint64_t seed)>
      continues;
};

// REQUIRES: the schedule, replayed, fails so. Runs it several times, in a child where it crashes.
// Several lines, each with its break.
[[nodiscard]] std::string explain(const simnet::Scenario& scenario,
                                  const simnet::Schedule& schedule, const simnet::Failure& failure,
                                  const ExplainOptions& options);

// How stdout is to be written to: the width and boldness of its terminal, if it is one.
[[nodiscard]] ExplainOptions for_stdout(const std::string& program);

}  // namespace rehearsal::servers
