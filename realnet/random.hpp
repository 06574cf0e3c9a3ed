// Unpredictable bits: getrandom(2), fetched in blocks.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>

namespace rehearsal::realnet {

// After fork(2), both processes would use the bits that were fetched before: fork before the
// first call.
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

  // getrandom(2) returns up to 256 bytes completely, even if a signal arrives
  std::array<std::uint64_t, 32> buffer_{};
  std::size_t left_ = 0;
};

}  // namespace rehearsal::realnet
