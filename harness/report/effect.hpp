// What a deviation hit: the task that it concerns, the line of that task, and what the task did
// next. Found by comparing the failing run with the same run without this deviation.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "simnet/trace/diagnostics.hpp"

namespace rehearsal::harness {

struct Effect {
  // A sentence without its full stop; empty if nothing can be said.
  std::string text;
  // The numbers of the events of the failing run that the sentence is about, in ascending order.
  std::vector<std::uint64_t> events;
};

// REQUIRES: `without` is the history of the failing run's schedule without this deviation. So both
// runs have the same events before it.
[[nodiscard]] Effect effect_of(const simnet::AppliedDeviation& applied,
                               const simnet::History& failing, const simnet::History& without);

}  // namespace rehearsal::harness
