// The runs of a sweep in its child processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "harness/process/child.hpp"
#include "harness/process/work_queue.hpp"
#include "harness/sweep/shard.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

// The work of all workers of a sweep.
struct WorkPlan {
  simnet::NamedPolicy policy;
  Seeds seeds;
  // Returns the command that runs a seed, which a failed CHECK of the run prints.
  std::function<std::string(std::uint64_t seed)> command;
  // Repeats the run of the first seed in the same process, and tells RunDiffers if it differs.
  bool repeats_first = false;
  // Ends the sweep at its first failure: no worker runs more seeds of a claim in which one failed.
  bool stops_at_failure = false;
  // Looks for lost memory when a worker has done all its runs.
  bool looks_for_leaks = false;
};

// What one worker does.
struct Share {
  std::size_t worker = 0;              // number of the worker in the queue
  std::vector<Claim> again;            // ranges lost in a crash, to run first
  std::vector<std::uint64_t> crashed;  // seeds whose runs crash
};

// Runs the ranges in `share.again`, then claims more until the queue is empty. Tells `parent` the
// results.
void run_share(const simnet::Scenario& scenario, const WorkPlan& plan, const Share& share,
               WorkQueue& claims, const Parent& parent);

}  // namespace rehearsal::harness
