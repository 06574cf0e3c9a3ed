#include "harness/cli/shrink_flags.hpp"

#include "harness/flags.hpp"

namespace rehearsal::harness {

void ShrinkFlags::add_to(CLI::App& app) {
  app.add_flag("--no-shrink", no_shrink_, "Explain what fails as it was found");
  add_runs_to(app);
}

void ShrinkFlags::add_to_shrinking(CLI::App& app) {
  add_runs_to(app);
  app.add_option("--shrink-tried", tried_,
                 "Go on with what was shrunk: its first N tries are known to be to no avail")
      ->check(whole_number(0))
      ->type_name("N")
      ->capture_default_str();
}

void ShrinkFlags::add_runs_to(CLI::App& app) {
  app.add_option("--shrink-runs", runs_,
                 "How many runs a failure may be shrunk by; the first is of all it has")
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
