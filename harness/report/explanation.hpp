// The text that explains a failing schedule: the failure, its cause, the point of no return, the
// first difference from the default run, the faults, the events that matter and the state at the
// end.
#pragma once

#include <cstddef>
#include <string>

#include "harness/report/analysis.hpp"

namespace rehearsal::harness {

struct ExplainOptions {
  ExplainOptions() = default;

  std::string what;       // a longer description of the failure, or empty; whole lines
  std::size_t width = 0;  // width of the terminal in characters; 0 if there is no terminal
  bool bold = false;      // prints headings in bold
};

// Returns the explanation, several lines with their newlines.
[[nodiscard]] std::string explanation(const Analysis& analysis, const ExplainOptions& options);
// Returns options with the width of stdout's terminal, if it is one, and with bold headings unless
// NO_COLOR is set.
[[nodiscard]] ExplainOptions for_stdout();

}  // namespace rehearsal::harness
