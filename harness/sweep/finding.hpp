// Failures of a sweep: in the form that a worker finds, and in the form that is printed.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// A failure in the form that a worker of the sweep reports.
struct Finding {
  std::uint64_t seed = 0;
  std::string kind;
  std::string what;                     // one line
  std::optional<std::uint64_t> digest;  // nothing if the process crashed
  std::string errors;                   // the stderr of the crashed process
};

// A failure in the form that a sweep prints and a results file stores.
struct FailureReport {
  std::uint64_t seed = 0;
  std::string kind;
  std::string what;  // one line
  // These are empty unless the run was repeated:
  std::string details;   // the description of the run, several lines with their newlines
  std::string schedule;  // a line; empty if the repeated run differs, which `details` reports
};

// Repeats a failed run in a child, to get the data that a sweep does not keep, such as its
// schedule. `program` is the path of this program in the commands that are printed.
[[nodiscard]] FailureReport rerun(const simnet::Scenario& scenario,
                                  const simnet::NamedPolicy& policy, const std::string& program,
                                  const Finding& finding);

}  // namespace rehearsal::harness
