#include "harness/cli/shrink_flags.hpp"

#include <limits>

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
      ->check(whole_number(0, std::numeric_limits<std::uint64_t>::max()))
      ->type_name("N")
      ->capture_default_str();
}

void ShrinkFlags::add_runs_to(CLI::App& app) {
  app.add_option("--shrink-runs", runs_,
                 "How many runs a failure may be shrunk by; the first is of all it has")
      ->check(whole_number(1, std::numeric_limits<std::uint64_t>::max()))
      ->type_name("N")
      ->capture_default_str();
}

simnet::ShrinkBound ShrinkFlags::bound() const {
  simnet::ShrinkBound bound;
  bound.runs = runs_;
  bound.tried = tried_;
  return bound;
}

}  // namespace rehearsal::harness
