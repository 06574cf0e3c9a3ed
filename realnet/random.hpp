// Unpredictable bits: getrandom(2), fetched many at a time.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rehearsal::realnet {

// After fork(2) both processes would draw what was fetched before it: fork before the first draw.
class Random {
 public:
  std::uint64_t next() {
    if (left_ == 0) {
      refill();
    }
    return buffer_[--left_];
  }

 private:
  void refill();

  std::array<std::uint64_t, 32> buffer_{};  // 256 bytes come whole, uninterrupted (getrandom(2))
  std::size_t left_ = 0;
};

}  // namespace rehearsal::realnet
