// A replay under the GNU debugger.
#pragma once

#include <string>
#include <vector>

#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// Becomes gdb on this program with these arguments, which lead to rehearsal_reached() (reach.hpp),
// with a breakpoint there. Gives why not, where it cannot be started.
std::string run_under_gdb(const std::vector<std::string>& arguments);

// Becomes gdb on the replay of `schedule` in this program, with a breakpoint where the last step
// begins that the run makes: that at which it fails. Throws BadInput where there is no gdb.
[[noreturn]] void replay_under_gdb(const simnet::Scenario& scenario,
                                   const simnet::Schedule& schedule);

}  // namespace rehearsal::harness
