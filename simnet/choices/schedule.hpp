// A schedule lists how one run differs from the default run of its scenario, as one line of text:
//
//   SCENARIO data=N [SITE/ENTITY/ORDINAL=VALUE ...]
//
// Example: "echo.jitter data=7 late/client-0/0#0>/3=40000 run/server/0/2=1". `data` is the seed of
// the program's own random numbers. Every choice takes its default except the deviations that
// follow. SITE is a name of site.hpp. ENTITY is a path name, which may contain slashes: the site
// ends at the first slash, and the ordinal begins after the last one. One space separates two
// words, and there are no other spaces.
//
// An entity is an object of the run. Its name has one of these forms:
//
//   HOST                           the process of a host; after a restart HOST~2, HOST~3, ...
//   HOST/TASK/...                  a task, below the task that spawned it; a number if unnamed
//   TASK#N                         the Nth connection that a task began, from 0
//   TASK#N>  TASK#N<               its directions: from the client, from the server
//   HOST:udp/PORT  HOST:tcp/PORT   a UDP socket, a listener
//   HOST:unix:PATH  HOST:unixgram:PATH   a listener and a datagram socket of Unix
//   TASK:udp/0  TASK:tcp/0  TASK:unixgram:   a socket without a port or a path of its own choice
//   HOST:NAME                      the name given to sched::Host::choose(), or a name to resolve
//   RULE:ENTITY                    a fault rule, and the entity that it looks at
//   world:NAME                     the name given to World::choose() or parameter()
//   HOST+HOST  HOST>HOST           a pair of hosts; one direction of it
//
// An object that is created again under the same name is a different one: the second is NAME~2, the
// third NAME~3. So a name stands for one choice of a run. Tasks may share a name, such as that of a
// port that they bind in turn. Their choices are then counted in the order in which they are made.
//
// In a name, a space, a control character, '=', '%' and '\'' are written as %20, %3D, %25, %27 and
// so on. So a schedule in single quotes passes through a shell unchanged. Every schedule has
// exactly one text: numbers have no leading zeros, and no other character is escaped.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "simnet/choices/site.hpp"

namespace rehearsal::simnet {

/// Names one choice of a run.
struct Coordinate {
  /// The kind of the choice.
  Site site = Site::run;
  /// The name of the object that the choice belongs to.
  std::string entity;
  /// The index among the choices of this site and entity, from 0.
  std::uint32_t ordinal = 0;

  /// Returns "SITE/ENTITY/ORDINAL".
  [[nodiscard]] std::string to_string() const;
  /// Compares site, entity and ordinal, in this order.
  friend auto operator<=>(const Coordinate&, const Coordinate&) = default;
};

/// A choice that does not take its default.
struct Deviation {
  /// Which choice it is.
  Coordinate at;
  /// The outcome, which is not 0.
  std::uint32_t value = 0;

  /// Returns "SITE/ENTITY/ORDINAL=VALUE".
  [[nodiscard]] std::string to_string() const;
  /// Compares the coordinate, then the value.
  friend auto operator<=>(const Deviation&, const Deviation&) = default;
};

/// A run of a scenario as a value: its data seed, and its deviations from the default run. It is
/// not a list of all steps.
struct Schedule {
  /// The name of the scenario.
  std::string scenario;
  /// Seed of the program's own random numbers.
  std::uint64_t data_seed = 0;
  /// The choices that do not take their default. Their order has no effect on a replay.
  std::vector<Deviation> deviations;

  /// Returns the line of text, `SCENARIO data=N SITE/ENTITY/ORDINAL=VALUE ...`, with the deviations
  /// in their present order. parse_schedule() reads it back if the scenario has a name, no value is
  /// 0 and no coordinate occurs twice.
  [[nodiscard]] std::string to_string() const;
  /// Compares all fields.
  friend bool operator==(const Schedule&, const Schedule&) = default;
};

/// What is wrong with the text of a schedule, and where.
struct ScheduleError {
  /// The column of the error: bytes, counted from 1.
  std::size_t column = 1;
  /// What was expected there, and what was found.
  std::string expected;

  /// Returns one line, such as "column 12: expected a number, as in data=7, got 'data='".
  [[nodiscard]] std::string to_string() const;
  /// Compares all fields.
  friend bool operator==(const ScheduleError&, const ScheduleError&) = default;
};

/// Reads the text of a schedule. Returns the schedule, or the first error.
[[nodiscard]] std::variant<Schedule, ScheduleError> parse_schedule(std::string_view text);

}  // namespace rehearsal::simnet
