// Clock: a host's clock, which differs from the world's by an offset and a constant drift.
#pragma once

#include <cstdint>

#include "sched/base/time.hpp"
#include "sched/base/wide.hpp"

namespace rehearsal::simnet {

class Clock {
 public:
  Clock(sched::Duration offset, std::int32_t drift_per_million)
      : offset_(offset), drift_(drift_per_million) {}

  [[nodiscard]] sched::Instant local(sched::Instant world) const {
    return world + offset_ + gained(world.time_since_epoch());
  }
  // Returns the earliest instant of the world at which this clock shows `local`.
  [[nodiscard]] sched::Instant world(sched::Instant local) const {
    if (local == sched::never) {
      return local;
    }
    return drift_ == 0 ? local - offset_ : world_of_drifting(local);
  }
  void jump(sched::Duration forward) { offset_ += forward; }

 private:
  [[nodiscard, gnu::noinline]] sched::Instant world_of_drifting(sched::Instant local) const {
    const auto shown = static_cast<sched::Wide>((local - offset_).time_since_epoch().count());
    const auto scaled = shown * 1'000'000 / (1'000'000 + drift_);
    sched::Instant world{sched::Duration(static_cast<std::int64_t>(scaled))};
    while (this->local(world) < local) {
      world += sched::Duration(1);
    }
    return world;
  }
  [[nodiscard]] sched::Duration gained(sched::Duration since_start) const {
    if (drift_ == 0) [[likely]] {
      return {};
    }
    const auto gain = static_cast<sched::Wide>(since_start.count()) * drift_ / 1'000'000;
    return sched::Duration(static_cast<std::int64_t>(gain));
  }

  sched::Duration offset_;
  std::int32_t drift_;
};

}  // namespace rehearsal::simnet
