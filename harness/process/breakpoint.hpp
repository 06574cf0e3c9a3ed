// Where a debugger stops: a step of a run, told by its number, for which the debugger needs no
// symbols of the program.
#pragma once

#include <cstdint>

#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Calls rehearsal_reached() as this step begins, from 1; 0: never.
class CallsReached final : public simnet::RunWatcher {
 public:
  explicit CallsReached(std::uint64_t step) : step_(step) {}
  void begins(simnet::World& world) override;

 private:
  std::uint64_t step_;
};

}  // namespace rehearsal::harness

// For a breakpoint: called as the step begins that was asked for, before its task goes on.
extern "C" void rehearsal_reached(std::uint64_t step);
