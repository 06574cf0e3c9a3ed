// Prints the figures of the bench: tables in Markdown, the goals, and JSON Lines.
#pragma once

#include <string>
#include <vector>

#include "tests/corpus/bugs/bench/figures.hpp"

namespace rehearsal::bugs {

// One row per bug: the runs of each policy, then time, runs of shrinking and deviations of the
// first policy.
[[nodiscard]] std::string markdown(const std::vector<BugFigures>& bugs,
                                   const BenchOptions& options);
// For each policy, the median milliseconds until it finds a bug and the remaining deviations.
[[nodiscard]] std::string times(const std::vector<BugFigures>& bugs, const BenchOptions& options);
[[nodiscard]] std::string deviations(const std::vector<BugFigures>& bugs,
                                     const BenchOptions& options);
// One line per goal of the bench: whether it is met, and by how much.
[[nodiscard]] std::string goals(const std::vector<BugFigures>& bugs, const BenchOptions& options);
// One line per bug and policy: a JSON object (simnet/trace/json_line.hpp). Missing figures
// are left out.
[[nodiscard]] std::string json_lines(const std::vector<BugFigures>& bugs,
                                     const BenchOptions& options);

}  // namespace rehearsal::bugs
