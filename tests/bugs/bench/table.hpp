// The figures of the bench as text: a table in Markdown, and JSON Lines.
#pragma once

#include <string>
#include <vector>

#include "tests/bugs/bench/figures.hpp"

namespace rehearsal::bugs {

// A row for each bug.
[[nodiscard]] std::string markdown(const std::vector<BugFigures>& bugs,
                                   const BenchOptions& options);
// A line for each bug and policy, which is an object (sched/json_line.hpp); a figure that is not
// there is left out.
[[nodiscard]] std::string json_lines(const std::vector<BugFigures>& bugs,
                                     const BenchOptions& options);

}  // namespace rehearsal::bugs
