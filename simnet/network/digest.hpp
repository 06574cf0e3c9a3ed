// Digest: the running hash of a run. All runs of one schedule have the same digest, in every build.
#pragma once

#include <cstdint>

#include "sched/base/hash.hpp"

namespace rehearsal::simnet {

using sched::fold;
using sched::hash_bytes;

class Digest {
 public:
  // Of the three products only the last one depends on the previous state.
  void add(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
    const std::uint64_t first = fold(a ^ 0xa0761d6478bd642f, b ^ 0xe7037ed1a0b428db) + a;
    const std::uint64_t second = fold(c ^ 0x8ebc6af09c88c6e3, d ^ 0x589965cc75374cc3) + d;
    state_ = fold(state_ ^ first, second ^ 0x1d8e4e27c47d124f) + (state_ << 7U);
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x8ebc6af09c88c6e3;
};

}  // namespace rehearsal::simnet
