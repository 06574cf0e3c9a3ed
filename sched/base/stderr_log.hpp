// The log of a program that has no other.
#pragma once

#include <string_view>

namespace rehearsal::sched {

// Writes `text` and a newline on stderr, in one call of write(2) if possible.
void log_to_stderr(std::string_view text);

}  // namespace rehearsal::sched
