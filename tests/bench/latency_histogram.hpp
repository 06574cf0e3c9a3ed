// Counts latencies in buckets whose width grows with the latency. Each power of two has 64 buckets,
// so a percentile is exact to 1.6 percent at any latency, in constant space.
#pragma once

#include <time.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <vector>

namespace bench {

using Nanoseconds = std::uint64_t;

inline Nanoseconds now() {
  timespec time{};
  ::clock_gettime(CLOCK_MONOTONIC, &time);
  return static_cast<Nanoseconds>(time.tv_sec) * 1'000'000'000 +
         static_cast<Nanoseconds>(time.tv_nsec);
}

class LatencyHistogram {
 public:
  LatencyHistogram() : counts_(bucket_of(~Nanoseconds{0}) + 1) {}

  void add(Nanoseconds latency) {
    ++counts_[bucket_of(latency)];
    ++total_;
  }

  // Returns the shortest latency of the bucket that holds the given percentile, or 0 if the
  // histogram is empty.
  [[nodiscard]] Nanoseconds percentile(std::uint64_t percent) const {
    const std::uint64_t rank = (total_ * percent + 99) / 100;
    std::uint64_t seen = 0;
    for (std::size_t bucket = 0; bucket < counts_.size(); ++bucket) {
      seen += counts_[bucket];
      if (seen >= rank && seen > 0) return lowest_of(bucket);
    }
    return 0;
  }

 private:
  static constexpr unsigned bits = 6;

  // Each value below 128 has its own bucket. Above, the bucket is the exponent and the
  // next six bits.
  static std::size_t bucket_of(Nanoseconds latency) {
    const auto width = static_cast<unsigned>(std::bit_width(latency));
    if (width <= bits + 1) return static_cast<std::size_t>(latency);
    const unsigned shift = width - bits - 1;
    return (std::size_t{shift} << bits) + static_cast<std::size_t>(latency >> shift);
  }
  static Nanoseconds lowest_of(std::size_t bucket) {
    if (bucket < std::size_t{2} << bits) return bucket;
    const std::size_t shift = (bucket >> bits) - 1;
    return Nanoseconds{bucket - (shift << bits)} << shift;
  }

  std::vector<std::uint64_t> counts_;
  std::uint64_t total_ = 0;
};

}  // namespace bench
