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
  // The scenario of this name, or that of the recording at this path. Throws BadInput; `where` is
  // what it begins with, a command, or a file and line.
  [[nodiscard]] const simnet::Scenario& find(const std::string& where, std::string_view name) const;

  std::string program;
  Scenarios scenarios;
  RecordableServers servers;
  // Those that were asked for, so that each is read once.
  mutable std::list<simnet::Scenario> recorded;
};

}  // namespace rehearsal::harness
