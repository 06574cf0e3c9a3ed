// The flags of a failure's report: its page, and --shrink-runs, --shrink-tried and --no-shrink.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <string>

#include <CLI/CLI.hpp>

#include "harness/failure/failure_report.hpp"

namespace rehearsal::harness {

// Adds --html, --perfetto, --pcapng and --shiviz, which write into `files`, and which exclude the
// flags of these names. Parsing writes into `files`, which must outlive `app`.
void add_file_flags(CLI::App& app, RunFiles& files,
                    std::initializer_list<const char*> excluded = {});

class ShrinkFlags {
 public:
  // Adds --no-shrink and --shrink-runs to `app`. Parsing writes into this object, which must
  // outlive `app` and not move.
  void add_to(CLI::App& app);
  // Adds --shrink-runs and --shrink-tried to `app`, for a command that shrinks a given schedule,
  // which may have been shrunk before.
  void add_to_shrinking(CLI::App& app);

  [[nodiscard]] simnet::ShrinkBound bound() const;
  // Returns the options for the report of a failure. `program` is the path of the program, for the
  // commands that are printed.
  [[nodiscard]] FailureReportOptions reported(const std::string& program) const;

 private:
  void add_runs_to(CLI::App& app);

  std::uint64_t runs_ = simnet::ShrinkBound().runs;
  std::uint64_t tried_ = 0;
  bool no_shrink_ = false;
};

}  // namespace rehearsal::harness
