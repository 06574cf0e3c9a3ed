#include "harness/cli/shrink_flags.hpp"

#include <array>

#include "harness/flags.hpp"

namespace rehearsal::harness {

void add_file_flags(CLI::App& app, RunFiles& files, std::initializer_list<const char*> excluded) {
  const std::array<CLI::Option*, 4> flags = {
      app.add_option("--html", files.html, "Write a page to FILE that shows the run in a browser"),
      app.add_option("--perfetto", files.perfetto, "Write the run to FILE for ui.perfetto.dev"),
      app.add_option("--pcapng", files.pcapng,
                     "Write the packets of the run to FILE, for Wireshark"),
      app.add_option("--shiviz", files.shiviz, "Write the run to FILE for ShiViz")};
  for (CLI::Option* flag : flags) {
    flag->type_name("FILE");
    for (const char* other : excluded) {
      flag->excludes(other);
    }
  }
}

void ShrinkFlags::add_to(CLI::App& app) {
  app.add_flag("--no-shrink", no_shrink_, "Report the failure without shrinking it");
  add_runs_to(app);
}

void ShrinkFlags::add_to_shrinking(CLI::App& app) {
  add_runs_to(app);
  app.add_option("--shrink-tried", tried_,
                 "Resume shrinking; skip the first N candidates, already tried")
      ->check(whole_number(0))
      ->type_name("N")
      ->capture_default_str();
}

void ShrinkFlags::add_runs_to(CLI::App& app) {
  app.add_option("--shrink-runs", runs_,
                 "Maximum number of runs for shrinking (at least 2 to remove anything)")
      ->check(whole_number(1))
      ->type_name("N")
      ->capture_default_str();
}

simnet::ShrinkBound ShrinkFlags::bound() const {
  simnet::ShrinkBound bound;
  bound.runs = runs_;
  bound.tried = tried_;
  return bound;
}

FailureReportOptions ShrinkFlags::reported(const std::string& program) const {
  FailureReportOptions options;
  options.program = program;
  options.shrinks = !no_shrink_;
  options.bound = bound();
  return options;
}

}  // namespace rehearsal::harness
