// The runs of a sweep in its child processes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "harness/process/child.hpp"
#include "harness/process/work_queue.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::harness {

struct Share {
  std::size_t worker = 0;              // number of the worker in the queue
  std::uint64_t first_seed = 1;        // the seed of index 0
  std::vector<Claim> again;            // ranges lost in a crash, to run first
  std::vector<std::uint64_t> crashed;  // seeds whose runs crash
};

// Runs the ranges in `share.again`, then claims more until the queue is empty. Tells `parent` the
// results.
void run_share(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
               const std::string& program, const Share& share, WorkQueue& claims,
               const Parent& parent);

}  // namespace rehearsal::harness
