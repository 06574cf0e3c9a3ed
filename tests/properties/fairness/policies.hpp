// The policies under which a property must hold, and how to run under each.
#pragma once

#include <array>
#include <cstdint>

#include "simnet/choices/named_policy.hpp"

namespace rehearsal::fairness {

inline constexpr std::array policies = {"nominal", "random", "pct", "pos", "sparse", "swarm"};

inline simnet::Policy policy_of(const char* name, std::uint64_t seed,
                                const simnet::Rates& rates = simnet::Rates::usual()) {
  simnet::RunShape shape;
  shape.asked.fill(500);
  return simnet::NamedPolicy::parse(name)->make(seed, rates, shape);
}

}  // namespace rehearsal::fairness
