// The command line of `rehearsal`.
#pragma once

namespace rehearsal::servers {

// Parses and runs; gives the exit status. A flag that is wrong gets one line on stderr, and 2.
int run_command_line(int argc, char** argv);

}  // namespace rehearsal::servers
