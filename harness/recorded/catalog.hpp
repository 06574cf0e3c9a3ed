// Catalog: the scenarios of a program, and those made from recordings, by name.
#pragma once

#include <list>
#include <string>
#include <string_view>
#include <vector>

#include "harness/recorded/recordable_server.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

/// The scenarios of a program, found by name.
using Scenarios = std::vector<simnet::Scenario>;

// The input of every command: the scenarios, and the path of the program.
struct Catalog {
  // Returns the scenario of this name, or the scenario made from the recording at this path. Throws
  // BadInput if there is none; its text starts with `where`, a command or a file and line.
  [[nodiscard]] const simnet::Scenario& find(const std::string& where, std::string_view name) const;

  std::string program;
  Scenarios scenarios;
  RecordableServers servers;
  // Scenarios made from recordings by find(), so that each recording is read once.
  mutable std::list<simnet::Scenario> recorded;
};

}  // namespace rehearsal::harness
