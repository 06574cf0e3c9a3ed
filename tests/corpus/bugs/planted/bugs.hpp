// The planted bugs. Each is a scenario with a fixed variant.
#pragma once

#include <string>
#include <vector>

#include "simnet/scenario.hpp"
#include "tests/corpus/bugs/planted/version.hpp"

namespace rehearsal::bugs {

struct Bug {
  std::string name;  // of its file; the fixed variant's scenario is NAME.fixed
  std::string kind;
  simnet::Scenario (*scenario)(Version version) = nullptr;
};

[[nodiscard]] std::vector<Bug> all_bugs();
// Returns the scenario of `bug`, under its name.
[[nodiscard]] simnet::Scenario scenario_of(const Bug& bug, Version version);

}  // namespace rehearsal::bugs
