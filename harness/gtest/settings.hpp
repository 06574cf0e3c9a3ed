// What a rehearsal is asked for: by its test, by the environment, and by the flags of the program,
// of which a later one decides.
//
//   environment            flag                       meaning
//   REHEARSAL_RUNS         --rehearsal_runs=N         how many runs, from 1
//   REHEARSAL_SECONDS      --rehearsal_seconds=N      stop after so much real time, from 1
//   REHEARSAL_POLICY       --rehearsal_policy=NAME    how choices are made: one of
//                                                     simnet/choices/named_policy.hpp, or a search,
//                                                     "exhaustive" or "delays:2"
//   REHEARSAL_SEED         --rehearsal_seed=N         the seed of the first run
//   REHEARSAL_SHRINK_RUNS  --rehearsal_shrink_runs=N  at most so many runs to shrink a failure
//   REHEARSAL_SHRINK_TRIED --rehearsal_shrink_tried=N shrink what is replayed, if it fails; its
//                                                     first N tries are known to be to no avail
//   REHEARSAL_REPLAY       --rehearsal_replay=LINE    run this schedule, and nothing else
//   REHEARSAL_GDB          --rehearsal_gdb=1          under gdb, up to the step at which it fails
//   REHEARSAL_REACH        --rehearsal_reach=STEP     call rehearsal_reached() (gdb.hpp) there
//   REHEARSAL_TRACES       --rehearsal_traces=DIR     the folder of kept schedules
//   REHEARSAL_KEEP         --rehearsal_keep=NAME      keep what is replayed there, under this name
//
// Who asks for seconds and not for runs gets as many runs as fit. Of a search, the seed is that of
// its data, and the runs and the seconds are bounds: it ends where it has seen every schedule.
//
// The flags are read from /proc/self/cmdline, so that they are there whichever `main` is linked;
// GoogleTest leaves them alone. What is wrong with any of them is one line on stderr and exit
// status 2, before any test begins.
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

struct RehearseOptions {
  std::uint64_t runs = 100;
  std::uint64_t seconds = 0;         // of real time; 0: no limit
  std::string_view policy = "mix";   // outlives the test
  simnet::MakesPolicy own_policy{};  // where the policy is "own" (Scenario::own_policy)
  std::uint64_t seed = 1;            // of the first run; the next one has the next
  // As those of simnet/scenario.hpp, for every run of the test.
  simnet::WorldOptions world{};
  simnet::Rates rates = simnet::Rates::usual();
  simnet::ShrinkBound shrink{};
};

// What the environment and the flags say.
struct Demands {
  std::optional<std::uint64_t> runs;
  std::optional<std::uint64_t> seconds;
  std::optional<std::string> policy;
  std::optional<std::uint64_t> seed;
  std::optional<std::uint64_t> shrink_runs;
  std::optional<std::uint64_t> shrink_tried;
  std::optional<std::string> replay;
  std::optional<std::uint64_t> gdb;
  std::optional<std::uint64_t> reach;
  std::optional<std::string> traces;
  std::optional<std::string> keep;

  // Sets what is named as in "runs". Gives what is wrong; empty: nothing.
  [[nodiscard]] std::string set(std::string_view name, std::string_view value);
  // Likewise, all that the environment and the command line of this process have.
  [[nodiscard]] std::string set_from_process();
  // `options`, but for what is demanded. This outlives them.
  [[nodiscard]] RehearseOptions over(RehearseOptions options) const;
};

// Those of this process. REQUIRES: its tests run, so that they were found right.
[[nodiscard]] const Demands& process_demands();

[[nodiscard]] bool is_test_of_this_program(std::string_view name);
// The words of the command line after the first.
[[nodiscard]] std::vector<std::string> program_arguments();
// The program, as the command line names it that started this process.
[[nodiscard]] std::string program_path();

}  // namespace rehearsal::harness
