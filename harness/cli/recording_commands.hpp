// What the commands `replay` and `trace show` do with a recording.
#pragma once

#include <string>

#include "harness/recorded/recordable_server.hpp"

namespace rehearsal::harness {

// Runs the server once more over what was recorded, and prints what came of it. Gives the exit
// status: 0 where it did the same to the end of the recording, `nondeterministic` where it did
// something else. Throws BadInput where it cannot be read or replayed, or its server is not one of
// these.
int replay_recording(const std::string& path, const RecordableServers& servers);

// Prints it as a trace (simnet/trace/trace_format.md). Throws BadInput if it cannot be read to its
// end, after what could be read.
void show_recording(const std::string& path);

}  // namespace rehearsal::harness
