// `trace show` and `trace diff`.
#pragma once

#include <string>

namespace rehearsal::harness {

// Prints a trace. Gives the exit status: 2 where it cannot be read to its end, after what could be.
int show_trace(const std::string& program, const std::string& file);

// Prints where two traces part. Gives the exit status: 0 where they do not, 1 where they do, 2
// where one of them cannot be read.
int diff_traces(const std::string& program, const std::string& left, const std::string& right);

}  // namespace rehearsal::harness
