// `trace show` and `trace diff`.
#pragma once

#include <string>

namespace rehearsal::harness {

// Prints a trace. If it cannot be read to its end, prints what can be read, then throws BadInput.
void show_trace(const std::string& file);

// Prints where two traces part. Gives the exit status: 0 where they do not, 1 where they do. Throws
// BadInput where one of them cannot be read.
int diff_traces(const std::string& left, const std::string& right);

}  // namespace rehearsal::harness
