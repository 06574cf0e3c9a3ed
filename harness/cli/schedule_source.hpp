// A run that was had before, as it is given on a command line: the line of its schedule, or a file
// of that line or of a trace.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <variant>

#include "harness/recorded/catalog.hpp"

namespace rehearsal::harness {

struct ScheduleSource {
  const simnet::Scenario& scenario;
  // The latter where a trace of a seeded run does not say its schedule.
  std::variant<simnet::Schedule, simnet::SeededRun> how;
  std::optional<std::uint64_t> digest;  // what a trace says that the run came to

  // Of a seeded run, it is run once to know.
  [[nodiscard]] simnet::Schedule schedule() const;
};

// Throws BadInput unless it is of one of the program's scenarios. `command` is named in the error.
[[nodiscard]] ScheduleSource read_source(const Catalog& catalog, const std::string& command,
                                         const std::string& text);

}  // namespace rehearsal::harness
