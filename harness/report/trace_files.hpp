// Files of traces: writing, showing and comparing them.
#pragma once

#include <cstdint>
#include <string>

#include "simnet/scenario.hpp"
#include "simnet/trace/trace_diff.hpp"

namespace rehearsal::harness {

// Returns a record of a trace as a line without newline. `index` is the number of events before it.
[[nodiscard]] std::string record_line(std::uint64_t index, const simnet::TraceRecord& record);

// Prints a trace. If it cannot be read to its end, prints what can be read, then throws BadInput.
void show_trace(const std::string& file);

// Prints the first difference of two traces. Returns the exit status: 0 if they are equal,
// otherwise 1. Throws BadInput if one of them cannot be read.
int diff_traces(const std::string& left, const std::string& right);

// Replays the schedule in a child, and writes the trace of the run, even if the run crashes.
// Returns what is wrong with the file, or an empty string.
[[nodiscard]] std::string write_trace(const simnet::Scenario& scenario,
                                      const simnet::Schedule& schedule, const std::string& file);
// Returns the header of the trace of a replay.
[[nodiscard]] simnet::TraceHeader replay_header(const simnet::Schedule& schedule);

}  // namespace rehearsal::harness
