// The figures of the bench as text: tables in Markdown, the goals, and JSON Lines.
#pragma once

#include <string>
#include <vector>

#include "tests/corpus/bugs/bench/figures.hpp"

namespace rehearsal::bugs {

// A row for each bug: the runs of each policy, and of the first one the time and the deviations.
[[nodiscard]] std::string markdown(const std::vector<BugFigures>& bugs,
                                   const BenchOptions& options);
// The median milliseconds of each policy until it finds a bug; the deviations that are left.
[[nodiscard]] std::string times(const std::vector<BugFigures>& bugs, const BenchOptions& options);
[[nodiscard]] std::string deviations(const std::vector<BugFigures>& bugs,
                                     const BenchOptions& options);
// A line for each goal of the bench: whether it is met, and by how much.
[[nodiscard]] std::string goals(const std::vector<BugFigures>& bugs, const BenchOptions& options);
// A line for each bug and policy, which is an object (simnet/trace/json_line.hpp); a figure that is
// missing is left out.
[[nodiscard]] std::string json_lines(const std::vector<BugFigures>& bugs,
                                     const BenchOptions& options);

}  // namespace rehearsal::bugs
