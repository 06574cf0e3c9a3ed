// The mix: the seed selects one of the other policies in turn. A bug that one of them hardly ever
// finds, another one finds (tests/corpus/bugs/README.md), and it is not known beforehand which.
#pragma once

#include <array>
#include <cstdint>

#include "simnet/choices/named_policy.hpp"

namespace rehearsal::simnet {

inline NamedPolicy mixed_policy(std::uint64_t seed) {
  using Kind = NamedPolicy::Kind;
  // The shares need the fewest runs on the bug bench (tests/corpus/bugs/README.md).
  const std::array turns{NamedPolicy(Kind::swarm), NamedPolicy(Kind::pct, 2),
                         NamedPolicy(Kind::swarm), NamedPolicy(Kind::pos),
                         NamedPolicy(Kind::swarm), NamedPolicy(Kind::sparse, 2),
                         NamedPolicy(Kind::swarm), NamedPolicy(Kind::pct, 3)};
  return turns[seed % turns.size()];
}

}  // namespace rehearsal::simnet
