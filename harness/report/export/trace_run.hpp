// The files of a trace, or of what can be read as one.
#pragma once

#include <string>
#include <vector>

#include "harness/report/export/run_files.hpp"
#include "simnet/trace/history.hpp"
#include "simnet/trace/trace.hpp"

namespace rehearsal::harness {

// Receives a trace: its header, its events, and its end record.
class TraceTaker {
 public:
  TraceTaker() = default;
  TraceTaker(const TraceTaker&) = delete;
  TraceTaker& operator=(const TraceTaker&) = delete;
  virtual ~TraceTaker() = default;
  virtual void begin(const simnet::TraceHeader& header) = 0;
  virtual void take(simnet::TraceRecord record) = 0;
};

// Keeps the last events of a trace, to show them.
class TraceRun final : public TraceTaker {
 public:
  void begin(const simnet::TraceHeader& header) override;
  void take(simnet::TraceRecord record) override;
  // Returns the contents of the wanted files. REQUIRES: begin() was called.
  [[nodiscard]] std::vector<std::string> contents(const RunFiles& files,
                                                  const PageOptions& options);

 private:
  ShownRun run_;
  simnet::History history_;
  std::uint64_t events_ = 0;
  std::uint64_t steps_ = 0;
};

// Passes a trace file to `take`. Throws BadInput if it cannot be read to its end, after what could
// be read.
void read_trace(const std::string& file, TraceTaker& take);

}  // namespace rehearsal::harness
