// The mix: the seed selects one of the other policies in turn. A bug that one of them hardly ever
// finds, another one finds (tests/corpus/bugs/README.md), and it is not known beforehand which.
#pragma once

#include <array>
#include <cstdint>

#include "simnet/choices/named_policy.hpp"

namespace rehearsal::simnet {

inline NamedPolicy mixed_policy(std::uint64_t seed) {
  using Kind = NamedPolicy::Kind;
  const std::array turns{NamedPolicy(Kind::random), NamedPolicy(Kind::sparse, 1),
                         NamedPolicy(Kind::pct, 2), NamedPolicy(Kind::swarm),
                         NamedPolicy(Kind::pos),    NamedPolicy(Kind::sparse, 2),
                         NamedPolicy(Kind::pct, 3), NamedPolicy(Kind::swarm)};
  return turns[seed % turns.size()];
}

}  // namespace rehearsal::simnet
