// A policy is how the choices of a run are made: nominal, or at random with a rate for each site.
#pragma once

#include <array>
#include <cstdint>

#include "simnet/site.hpp"

namespace rehearsal::simnet {

// How often a site deviates, in parts per million, and how far: values are 1 to `most`, uniformly.
struct Rate {
  std::uint32_t per_million = 0;
  std::uint32_t most = 1;
};

struct Policy {
  std::uint64_t seed = 0;
  bool draws = false;  // false: no choice deviates, whatever the rates of sites, links and rules
  std::array<Rate, site_count> rates{};

  Rate& operator[](Site site) { return rates[index(site)]; }
  const Rate& operator[](Site site) const { return rates[index(site)]; }

  // No choice deviates.
  static Policy nominal() { return {}; }
  // What the order of things, the network's timing and partial reads and writes do in production,
  // more often. No rate of it breaks a connection, refuses one or loses a datagram: those are set
  // by a scenario that can bear them.
  static Policy random(std::uint64_t seed) {
    Policy policy;
    policy.seed = seed;
    policy.draws = true;
    policy[Site::run] = {20'000, 8};
    policy[Site::tie] = {100'000, 1};
    policy[Site::order] = {50'000, 8};
    policy[Site::late] = {50'000, 2'000};
    policy[Site::recv] = {10'000, 16};
    policy[Site::send] = {10'000, 16};
    policy[Site::spurious] = {2'000, 100};
    policy[Site::again] = {2'000, 1};
    policy[Site::interrupt] = {1'000, 1};
    policy[Site::blocking] = {100'000, 10'000};
    policy[Site::resolve] = {100'000, 10'000};
    policy[Site::program] = {100'000, ~0U};
    return policy;
  }
};

}  // namespace rehearsal::simnet
