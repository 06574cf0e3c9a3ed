// A segment of a TCP connection on its way.
#pragma once

#include <cstdint>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

struct Segment {
  // A probe asks whether the peer is there.
  enum class Kind : std::uint8_t { data, fin, reset, probe };
  sched::Instant at{};    // when it arrives; `never` while it cannot
  std::uint64_t end = 0;  // how many bytes of the direction were sent with it and before
  Kind kind = Kind::data;
};

}  // namespace rehearsal::simnet
