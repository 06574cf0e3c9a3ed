// A schedule of one of a program's scenarios, as it is given on a command line: the line itself, or
// a file of it or of a trace.
#pragma once

#include <string>
#include <variant>

#include "servers/commands.hpp"

namespace rehearsal::servers {

// Where it is none, says so in one line on stderr and gives the exit status. A trace of a seeded
// run that does not say its schedule is run for it. `command` names who asks.
[[nodiscard]] std::variant<simnet::Schedule, int> read_schedule(const Catalog& catalog,
                                                                const std::string& command,
                                                                const std::string& source);

}  // namespace rehearsal::servers
