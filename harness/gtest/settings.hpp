// The settings of a simulation test: from its source, from the environment, and from the flags of
// the program. The environment overrides the source, and flags override both.
//
//   environment            flag                       meaning
//   REHEARSAL_RUNS         --rehearsal_runs=N         the number of runs, at least 1
//   REHEARSAL_SECONDS      --rehearsal_seconds=N      start no run after N seconds of real time
//   REHEARSAL_JOBS         --rehearsal_jobs=N         the number of worker processes, 1 to 256; by
//                                                     default one for each core
//   REHEARSAL_POLICY       --rehearsal_policy=NAME    how choices are made: one of
//                                                     simnet/choices/named_policy.hpp, or a search,
//                                                     "exhaustive", "delays:2" or "faults:1"
//   REHEARSAL_SEED         --rehearsal_seed=N         the seed of the first run
//   REHEARSAL_SHRINK_RUNS  --rehearsal_shrink_runs=N  the maximum of runs to shrink a failure
//   REHEARSAL_SHRINK_TRIED --rehearsal_shrink_tried=N resume shrinking the replayed schedule, if it
//                                                     fails; skip the first N candidates, which
//                                                     were already tried
//   REHEARSAL_REPLAY       --rehearsal_replay=LINE    run only this schedule
//   REHEARSAL_GDB          --rehearsal_gdb=1          replay in gdb, up to the step that fails
//   REHEARSAL_WRITE_TRACE  --rehearsal_write_trace=FILE
//                                                     write the trace of the failing or replayed
//                                                     run
//   REHEARSAL_HTML         --rehearsal_html=DIR       write a page of each failing test into DIR;
//                                                     by default beside the XML, if CI is set
//   REHEARSAL_REACH        --rehearsal_reach=STEP     call rehearsal_reached() (gdb.hpp) at STEP
//   REHEARSAL_TRACES       --rehearsal_traces=DIR     the folder of kept schedules
//   REHEARSAL_KEEP         --rehearsal_keep=NAME      keep the replayed schedule under this name
//
// A test ends after its runs, its seconds, or its first failure, whichever comes first. If only the
// runs are set, the seconds in the source of the test do not apply. The number of jobs changes how
// long a test takes, and nothing else. In a search, which has one job, the seed is the data seed of
// every run, and the search ends earlier if it has seen every schedule.
//
// The flags are read from /proc/self/cmdline, so they work with any `main`; GoogleTest ignores
// them. An invalid setting is one line on stderr and exit status 2, before any test starts.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "simnet/choices/named_policy.hpp"
#include "simnet/search/shrink.hpp"
#include "simnet/world.hpp"

namespace rehearsal::harness {

/// Options of a simulation test, the third argument of REHEARSE. The environment and the flags of
/// the program override them.
struct RehearseOptions {
  std::uint64_t runs = 1000;  ///< maximum number of runs, at least 1
  /// Real time, in seconds, after which no run starts; the test prints that it ended early. 0 means
  /// no limit.
  std::uint64_t seconds = 0;
  /// The name of the policy (simnet/choices/named_policy.hpp), or a search: "exhaustive",
  /// "delays:N" or "faults:N". The text must outlive the test.
  std::string_view policy = "mix";
  /// Makes the policy of a run if `policy` is "own" (Scenario::own_policy).
  simnet::MakesPolicy own_policy{};
  std::uint64_t seed = 1;        ///< seed of the first run; each further run has the next seed
  simnet::WorldOptions world{};  ///< options of the world of each run
  simnet::Rates rates = simnet::Rates::usual();  ///< how often choices deviate, by kind
  simnet::ShrinkBound shrink{};                  ///< limits for shrinking a failure
};

// The settings in the environment and the flags.
struct Demands {
  std::optional<std::uint64_t> runs;
  std::optional<std::uint64_t> seconds;
  std::optional<std::uint64_t> jobs;
  std::optional<std::string> policy;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> shrink_runs;
  std::optional<std::uint64_t> shrink_tried;
  std::optional<std::string> replay;
  std::optional<std::uint64_t> gdb;
  std::optional<std::uint64_t> reach;
  std::optional<std::string> traces;
  std::optional<std::string> keep;
  std::optional<std::string> write_trace;
  std::optional<std::string> html;

  // Sets the value of a name such as "runs". Returns what is wrong, or an empty string.
  [[nodiscard]] std::string set(std::string_view name, std::string_view value);
  // Sets the values in the environment and the command line of this process. Returns what is wrong,
  // or an empty string.
  [[nodiscard]] std::string set_from_process();
  // Returns the folder for the pages of failing tests, or an empty string for no pages.
  [[nodiscard]] std::string page_folder() const;
  // Returns `options`, overridden by these settings. The result must not outlive this object.
  [[nodiscard]] RehearseOptions over(RehearseOptions options) const;
};

// Returns the settings of this process. REQUIRES: its tests have started, so that the settings are
// known to be valid.
[[nodiscard]] const Demands& process_demands();

// Returns whether this program has a test of this name, as in "Suite.name".
[[nodiscard]] bool is_test_of_this_program(std::string_view name);
// Returns the arguments of this process, without the path of the program.
[[nodiscard]] std::vector<std::string> program_arguments();
// Returns the path of the program, as in the command line of this process.
[[nodiscard]] std::string program_path();

}  // namespace rehearsal::harness
