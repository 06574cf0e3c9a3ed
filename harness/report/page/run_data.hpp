// The data of a page: a run, or a failing run and its analysis, as JSON (page_format.md).
#pragma once

#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "harness/report/analysis.hpp"
#include "simnet/trace/history.hpp"

namespace rehearsal::harness {

struct PageOptions {
  PageOptions() = default;

  std::string program;               // its path, for the commands
  std::string command;               // reproduces the run; empty if nothing does
  std::string stop;                  // stops in gdb at step {step}; empty if nothing does
  std::string sweep;                 // JSON of sweep_data(), of the sweep that found it; or empty
  bool payload = true;               // false: the bytes of messages are left out
  std::size_t most_events = 50'000;  // of each run; the last ones are kept
};

// A run that is shown without an analysis.
struct ShownRun {
  ShownRun() = default;

  std::string scenario;
  std::string schedule;            // replays it; empty if it is not known
  std::string outcome;             // one line
  std::vector<std::string> hosts;  // in the order of their columns; others follow as they appear
  const simnet::History* history = nullptr;
  // Paths of source files by their names without folders.
  std::map<std::string, std::string, std::less<>> sources;
  // How often a segment was lost, by the number of the event that sent it.
  std::map<std::uint64_t, std::uint32_t> lost;

  // Takes what is shown of a run from its diagnostics, which must outlive this object.
  void take(const simnet::Diagnostics& evidence);
};

// Returns the JSON of a page that shows one run.
[[nodiscard]] std::string run_data(const ShownRun& run, const PageOptions& options);
// Returns the JSON of a page that shows a failing run beside the default run. `report` is the text
// of its explanation.
[[nodiscard]] std::string failure_data(const Analysis& analysis, const std::string& report,
                                       const PageOptions& options);

}  // namespace rehearsal::harness
