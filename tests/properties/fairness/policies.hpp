// The policies under which a property must hold, and how to run under each.
#pragma once

#include <array>
#include <cstdint>

#include "simnet/choices/named_policy.hpp"

namespace rehearsal::fairness {

inline constexpr std::array policies = {"nominal", "random", "pct", "pos", "sparse", "swarm"};

inline simnet::Policy policy_of(const char* name, std::uint64_t seed) {
  simnet::RunShape shape;
  shape.asked.fill(500);
  return simnet::NamedPolicy::parse(name)->make(seed, simnet::Rates::usual(), shape);
}

}  // namespace rehearsal::fairness
