#include "simnet/network/link.hpp"

#include <algorithm>

#include "sched/base/wide.hpp"

namespace rehearsal::simnet {

sched::Instant Link::transmit_limited(sched::Instant now, std::size_t bytes) {
  constexpr std::uint64_t nanoseconds = 1'000'000'000;
  const sched::Instant starts = std::max(now, free_at_);
  if (options_.queue_bytes != 0) {
    const auto waits = static_cast<std::uint64_t>((starts - now).count());
    const auto queued = static_cast<sched::UnsignedWide>(waits) * options_.bytes_per_second;
    if (queued / nanoseconds > options_.queue_bytes) {
      return sched::never;
    }
  }
  const auto takes = static_cast<sched::UnsignedWide>(bytes) * nanoseconds;
  free_at_ = starts + sched::Duration(static_cast<std::int64_t>(takes / options_.bytes_per_second));
  return free_at_;
}

}  // namespace rehearsal::simnet
