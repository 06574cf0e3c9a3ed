// A run as JSON of the Trace Event Format, which ui.perfetto.dev and chrome://tracing open: a
// process for each host, a thread for each task, a slice for each event and each wait, and a flow
// for each message. Source: "Trace Event Format", N. Duca and D. Sinclair, Google.
#pragma once

#include <string>

#include "harness/report/page/run_data.hpp"

namespace rehearsal::harness {

// Returns the content of the file. A slice of an event lasts 1 ns, because flows begin and end in
// slices; virtual time does not pass during an event.
[[nodiscard]] std::string perfetto(const ShownRun& run);

}  // namespace rehearsal::harness
