// A replay under the GNU debugger, which stops at a step of the run. The step is given by its
// number, so the debugger needs no symbols of the program.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

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

// Becomes gdb on this program with these arguments, which lead to rehearsal_reached(), with a
// breakpoint there. Returns only if gdb cannot be started: the reason.
std::string run_under_gdb(const std::vector<std::string>& arguments);

// Becomes gdb on the replay of `schedule` in this program, with a breakpoint where the last step
// begins that the run makes: that at which it fails. Throws BadInput where there is no gdb.
[[noreturn]] void replay_under_gdb(const simnet::Scenario& scenario,
                                   const simnet::Schedule& schedule);

}  // namespace rehearsal::harness

// For a breakpoint: called when the chosen step begins, before its task is resumed.
extern "C" void rehearsal_reached(std::uint64_t step);
