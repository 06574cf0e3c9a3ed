// Checks whether a run is the same in another process: with another layout of addresses, another
// order of heap addresses, and other bytes in uninitialized memory.
#pragma once

#include <string>

#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Runs it in two new processes of this program and compares their traces. Prints that they are
// equal, or the first event that differs, with its task and source line. Returns the exit status:
// 0, `nondeterministic` if the traces differ, or `crashed`.
int check_determinism(const std::string& program, const simnet::Scenario& scenario,
                      const simnet::SeededRun& how);

// Changes the order in which the heap returns addresses, in the second process of
// check_determinism(). Does nothing in any other process.
void scramble_heap_where_asked();

}  // namespace rehearsal::harness
