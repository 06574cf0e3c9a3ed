// A run to repeat, as the command line names it: the line of its schedule, or a file with that line
// or with a trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "harness/recorded/catalog.hpp"

namespace rehearsal::harness {

struct ScheduleSource {
  const simnet::Scenario& scenario;
  // A SeededRun if a trace of a seeded run does not include its schedule.
  std::variant<simnet::Schedule, simnet::SeededRun> how;
  std::optional<std::uint64_t> digest;  // the digest of the run, if a trace has it
  // The run of a seed that a trace is of. Nothing for the line of a schedule.
  std::optional<simnet::SeededRun> seeded = std::nullopt;

  // Returns the schedule. Runs a seeded run once to find it.
  [[nodiscard]] simnet::Schedule schedule() const;
};

// Reads a line or the file that `text` names. Throws BadInput, which names `command`, if it cannot
// be read or is not of a scenario of the program.
[[nodiscard]] ScheduleSource read_source(const Catalog& catalog, const std::string& command,
                                         const std::string& text);

}  // namespace rehearsal::harness
