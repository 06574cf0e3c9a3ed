// The command line of `rehearsal`.
#pragma once

namespace rehearsal::servers {

// Parses the command line and runs its command. Returns the exit status: 2, after one line on
// stderr, if a flag is wrong.
int run_command_line(int argc, char** argv);

}  // namespace rehearsal::servers
