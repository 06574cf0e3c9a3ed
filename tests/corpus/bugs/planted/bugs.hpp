// The planted bugs: each is a scenario, and its fixed twin.
#pragma once

#include <string>
#include <vector>

#include "simnet/scenario.hpp"
#include "tests/corpus/bugs/planted/version.hpp"

namespace rehearsal::bugs {

struct Bug {
  std::string name;  // of its file; the twin's scenario is NAME.fixed
  std::string kind;
  simnet::Scenario (*scenario)(Version version) = nullptr;
};

[[nodiscard]] std::vector<Bug> all_bugs();
// The scenario of `bug`, under its name.
[[nodiscard]] simnet::Scenario scenario_of(const Bug& bug, Version version);

}  // namespace rehearsal::bugs
