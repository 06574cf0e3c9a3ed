// How far a run goes that may crash.
#pragma once

#include <string>

#include "harness/process/wire.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

struct RunLength {
  Reached end;      // where it is as it crashes or ends
  std::string log;  // all that it logs
};

// It runs in a child.
[[nodiscard]] RunLength length_of(const simnet::Scenario& scenario,
                                  const simnet::Schedule& schedule);

}  // namespace rehearsal::harness
