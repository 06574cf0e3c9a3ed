// The flags that say how a failure is shrunk: --shrink-runs, --shrink-tried, and --no-shrink.
#pragma once

#include <cstdint>
#include <string>

#include <CLI/CLI.hpp>

#include "harness/report/failure_report.hpp"

namespace rehearsal::harness {

class ShrinkFlags {
 public:
  // `app` writes here when it is parsed.
  void add_to(CLI::App& app);
  // Without --no-shrink, for a command that shrinks the schedule that it is given, which may have
  // been shrunk before.
  void add_to_shrinking(CLI::App& app);

  [[nodiscard]] simnet::ShrinkBound bound() const;
  // How a failure is reported, as the flags say. `program` is how it was started.
  [[nodiscard]] FailureReportOptions reported(const std::string& program) const;

 private:
  void add_runs_to(CLI::App& app);

  std::uint64_t runs_ = simnet::ShrinkBound().runs;
  std::uint64_t tried_ = 0;
  bool no_shrink_ = false;
};

}  // namespace rehearsal::harness
