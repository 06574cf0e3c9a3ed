// What a sweep does in its children.
#pragma once

#include <cstdint>
#include <set>
#include <string>

#include "servers/child.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::servers {

struct SweepOptions {
  SweepOptions() = default;

  std::string program;  // as it stands in the commands that are printed
  simnet::NamedPolicy policy;
  std::uint64_t first_seed = 1;
  std::uint64_t last_seed = 1;
  std::uint64_t jobs = 1;  // processes
};

struct Share {
  std::uint64_t from = 0;           // the place of its first seed in the sweep
  std::uint64_t step = 1;           // from one to the next
  std::set<std::uint64_t> crashed;  // seeds that are not run again
};

// Runs every seed of the share, until the end or until the parent wants one.
void run_share(const simnet::Scenario& scenario, const SweepOptions& options, const Share& share,
               const Parent& parent);

// Runs one seed that crashes, and tells its deviations and its log as they come.
void run_to_the_crash(const simnet::Scenario& scenario, const SweepOptions& options,
                      std::uint64_t seed, const Parent& parent);

}  // namespace rehearsal::servers
