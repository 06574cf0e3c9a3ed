// The commands `replay` and `trace show` for a recording.
#pragma once

#include <string>

#include "harness/recorded/recordable_server.hpp"
#include "harness/report/export/trace_run.hpp"

namespace rehearsal::harness {

// Runs the server again over the recording, and prints the result. Returns the exit status: 0 if it
// did the same to the end of the recording, `nondeterministic` if it did something else. Throws
// BadInput if the recording cannot be read or replayed, or its server is not one of `servers`.
int replay_recording(const std::string& path, const RecordableServers& servers);

// Passes the records of a recording to `take` as the events of a trace. Throws BadInput if it
// cannot be read to its end, after what could be read.
void read_recording(const std::string& path, TraceTaker& take);
// Prints it as a trace (simnet/trace/trace_format.md). Throws BadInput if it cannot be read to its
// end, after what could be read.
void show_recording(const std::string& path);

}  // namespace rehearsal::harness
