// A run as a log that ShiViz draws (bestchai.bitbucket.io/shiviz): each event, and the vector clock
// of its host.
#pragma once

#include <string>

#include "harness/report/page/run_data.hpp"

namespace rehearsal::harness {

// Returns the content of the file. ShiViz reads it with its default regular expression. A host
// knows an event of another one if it has received something that was sent later (Mattern: Virtual
// time and global states of distributed systems, 1989).
[[nodiscard]] std::string shiviz(const ShownRun& run);

}  // namespace rehearsal::harness
