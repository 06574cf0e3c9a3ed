// Failures of a sweep: as a process of the sweep finds one, and as it is shown.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// How a run failed, as the process of the sweep that ran it knows it.
struct Finding {
  std::uint64_t seed = 0;
  std::string kind;
  std::string what;                     // one line
  std::optional<std::uint64_t> digest;  // nothing: its process crashed
  std::string errors;                   // what that had written to stderr
};

// A failure as a sweep prints it, and as a results file has it.
struct FailureReport {
  std::uint64_t seed = 0;
  std::string kind;
  std::string what;  // one line
  // Of one that was run again:
  std::string details;   // what was said of the run, several lines, each with its break
  std::string schedule;  // a line; empty: it came out otherwise, as the details say
};

// Runs what failed again, in a child, for what a sweep does not keep of every run, such as its
// schedule. `program` is the name of this program in the commands that are printed.
[[nodiscard]] FailureReport rerun(const simnet::Scenario& scenario,
                                  const simnet::NamedPolicy& policy, const std::string& program,
                                  const Finding& finding);

}  // namespace rehearsal::harness
