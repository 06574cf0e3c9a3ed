// Writes a trace as trace_format.md says, a line at a time, so that a run that crashes leaves what
// it had.
#pragma once

#include <cstddef>
#include <cstdint>
#include <ostream>

#include "sched/json_line.hpp"
#include "sched/trace.hpp"

namespace rehearsal::sched {

struct TraceWriterOptions {
  // Of data that is longer than this, only the size and the hash are written. At most 8 MiB.
  std::size_t most_bytes = 1024;
};

class TraceWriter {
 public:
  // Writes the header. `out` must outlive the writer, and tells by its state whether writing
  // failed.
  TraceWriter(std::ostream& out, const TraceHeader& header, TraceWriterOptions options = {});

  void write(const TraceEvent& event);
  // Writes the end record and flushes; `end.events` is counted here. Nothing is written after it.
  // A writer that is destroyed without it leaves a trace that its reader finds truncated.
  void end(const TraceEnd& end);

 private:
  void put_data(const TraceEvent& event);
  void put_line();

  std::ostream& out_;
  TraceWriterOptions options_;
  JsonLine line_;
  std::uint64_t events_ = 0;
  bool ended_ = false;
};

}  // namespace rehearsal::sched
