// Catalog: the scenarios of a program, its recordable servers among them, by name.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "harness/recorded/recordable_server.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

using Scenarios = std::vector<simnet::Scenario>;

// What every command is given: the scenarios, and how the program was started.
struct Catalog {
  // The scenario of this name, or that of the recording at this path; null where there is neither.
  // Throws BadRecording.
  [[nodiscard]] const simnet::Scenario* find(std::string_view name) const;
  // One line on stderr; each gives the exit status, 2. `where` is a command, or a file and line.
  [[nodiscard]] int unknown_scenario(const std::string& where, std::string_view name) const;
  [[nodiscard]] int refuse(const std::string& what) const;

  std::string program;
  Scenarios scenarios;
  RecordableServers servers;
  // Those that were asked for, so that each is read once.
  mutable std::list<simnet::Scenario> recorded;
};

}  // namespace rehearsal::harness
