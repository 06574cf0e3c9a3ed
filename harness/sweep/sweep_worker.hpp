// What a sweep does in its children.
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
  std::size_t worker = 0;        // its number among the claims
  std::uint64_t first_seed = 1;  // of place 0
  std::vector<Claim> again;      // what another one has lost: it comes first
};

// Runs what it claims, until there is no more.
void run_share(const simnet::Scenario& scenario, const simnet::NamedPolicy& policy,
               const std::string& program, const Share& share, WorkQueue& claims,
               const Parent& parent);

}  // namespace rehearsal::harness
