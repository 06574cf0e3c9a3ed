// A schedule is all that tells one run from the nominal run of its scenario, as one line of text:
//
//   SCENARIO data=N [SITE/ENTITY/ORDINAL=VALUE ...]
//
// e.g. "echo.jitter data=7 late/client-0/0#0>/3=40000 run/server/0/2=1". `data` seeds the program's
// own randomness. Every choice is nominal but for the deviations that follow. SITE is a name of
// site.hpp. ENTITY is a path name, which may hold slashes: the site ends at the first slash, the
// ordinal begins after the last one. One blank stands between two words and nowhere else.
//
// An entity is an object of the run. Its name is one of these:
//
//   HOST                           the process of a host; after a restart HOST~2, HOST~3, ...
//   HOST/TASK/...                  a task, by those that spawned it; an unnamed one has a number
//   TASK#N                         the Nth connection that a task began, from 0
//   TASK#N>  TASK#N<               its directions: from the client, from the server
//   HOST:udp/PORT  HOST:tcp/PORT   a UDP socket, a listener
//   TASK:udp/0  TASK:tcp/0         one whose port the network was to pick
//   HOST:NAME                      what sched::Host::choose calls NAME; the look-ups of NAME
//   RULE:ENTITY                    a fault rule that looks at ENTITY
//   world:NAME                     what World::choose or parameter calls NAME
//
// An object that is made again under its name is another one: the second is NAME~2, the third
// NAME~3. So a name stands for one choice of a run. What several tasks of a process share (a port
// that they bind in turn, the look-ups of one name) is counted in the order in which they ask.
//
// In a name a blank, a control character, '=', '%' and '\'' are written as %20, %3D, %25, %27, so
// that a schedule between single quotes goes through a shell unharmed. Every schedule has one text:
// numbers have no leading zero, and nothing else is escaped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simnet/choices/site.hpp"

namespace rehearsal::simnet {

// Names one choice of a run. Ordinals count per (site, entity), from 0.
struct Coordinate {
  Site site = Site::run;
  std::string entity;
  std::uint32_t ordinal = 0;

  // SITE/ENTITY/ORDINAL
  [[nodiscard]] std::string to_string() const;
  friend auto operator<=>(const Coordinate&, const Coordinate&) = default;
};

// A choice that did not come out 0.
struct Deviation {
  Coordinate at;
  std::uint32_t value = 0;

  // SITE/ENTITY/ORDINAL=VALUE
  [[nodiscard]] std::string to_string() const;
  friend auto operator<=>(const Deviation&, const Deviation&) = default;
};

struct Schedule {
  std::string scenario;
  std::uint64_t data_seed = 0;
  std::vector<Deviation> deviations;

  // The line above; deviations in the order in which they stand. parse_schedule() reads it back
  // where the scenario has a name, no value is 0 and no coordinate stands twice.
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

// What is wrong with a text, and where: columns count bytes from 1.
struct ScheduleError {
  std::size_t column = 1;
  std::string expected;

  // "column 12: expected a number, as in data=7, got 'data='"
  [[nodiscard]] std::string to_string() const;
  friend bool operator==(const ScheduleError&, const ScheduleError&) = default;
};

[[nodiscard]] std::variant<Schedule, ScheduleError> parse_schedule(std::string_view text);

}  // namespace rehearsal::simnet
