// A schedule is all that tells one run from the nominal run of its scenario, as one line of text:
//
//   SCENARIO data=N [SITE/ENTITY/ORDINAL=VALUE ...]
//
// e.g. "echo.jitter data=7 late/client-0/0#0>/3=40000 run/server/0/2=1". `data` seeds the program's
// own randomness. Every choice is nominal but for the deviations that follow. SITE is a name of
// site.hpp. ENTITY is a path name, which may
// hold slashes but no blank; a blank, '=' or '%' in a name is written as %20, %3D, %25.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simnet/site.hpp"

namespace rehearsal::simnet {

// Names one choice of a run. Ordinals count per (site, entity), from 0.
struct Coordinate {
  Site site = Site::run;
  std::string entity;
  std::uint32_t ordinal = 0;

  friend auto operator<=>(const Coordinate&, const Coordinate&) = default;
};

// A choice that did not come out 0.
struct Deviation {
  Coordinate at;
  std::uint32_t value = 0;

  [[nodiscard]] std::string to_string() const;
  friend auto operator<=>(const Deviation&, const Deviation&) = default;
};

struct Schedule {
  std::string scenario;
  std::uint64_t data_seed = 0;
  std::vector<Deviation> deviations;

  // The line above; deviations in the order in which they stand.
  [[nodiscard]] std::string to_string() const;
};

// What is wrong with a text, and where: columns count from 1.
struct ScheduleError {
  std::size_t column = 1;
  std::string expected;

  // "column 12: expected a number, as in data=7"
  [[nodiscard]] std::string to_string() const;
};

[[nodiscard]] std::variant<Schedule, ScheduleError> parse_schedule(std::string_view text);

}  // namespace rehearsal::simnet
