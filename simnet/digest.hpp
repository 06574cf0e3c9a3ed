// The running hash of a run: two runs of one schedule have the same, in every build.
#pragma once

#include <cstdint>

#include "sched/hash.hpp"

namespace rehearsal::simnet {

using sched::fold;
using sched::hash_bytes;

class Digest {
 public:
  void add(std::uint64_t a, std::uint64_t b) {
    state_ = fold(state_ ^ a ^ 0xa0761d6478bd642f, b ^ 0xe7037ed1a0b428db) + (state_ << 7U);
  }
  [[nodiscard]] std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0x8ebc6af09c88c6e3;
};

}  // namespace rehearsal::simnet
