// The commands `trace show` and `trace diff`.
#pragma once

#include <string>

namespace rehearsal::harness {

// Prints a trace. If it cannot be read to its end, prints what can be read, then throws BadInput.
void show_trace(const std::string& file);

// Prints the first difference of two traces. Returns the exit status: 0 if they are equal,
// otherwise 1. Throws BadInput if one of them cannot be read.
int diff_traces(const std::string& left, const std::string& right);

}  // namespace rehearsal::harness
