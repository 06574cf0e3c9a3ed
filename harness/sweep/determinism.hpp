// Whether a run is the same again in another process: with another layout of addresses, another
// order of the heap, and fresh memory that holds other bytes.
#pragma once

#include <string>

#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Runs it in two fresh processes of this program, compares their traces, and prints what came of
// it: where they part, the first event that differs, with its task and source line. Gives the exit
// status: 0, `nondeterministic` where they differ, or `crashed`.
int check_determinism(const std::string& program, const simnet::Scenario& scenario,
                      const simnet::SeededRun& how);

// In the second of the two: changes the order in which the heap gives out addresses. Nothing in
// every other process.
void scramble_heap_where_asked();

}  // namespace rehearsal::harness
