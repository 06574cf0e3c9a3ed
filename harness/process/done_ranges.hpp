// Which places of a sweep are done: they come in pieces, in any order.
#pragma once

#include <cstdint>
#include <map>

#include "harness/process/work_queue.hpp"

namespace rehearsal::harness {

class DoneRanges {
 public:
  // REQUIRES: none of them is in it.
  void add(const Claim& piece);
  [[nodiscard]] bool contains(std::uint64_t place) const;
  // Every place below this is in it, and this one is not.
  [[nodiscard]] std::uint64_t first_missing() const { return first_missing_; }

 private:
  std::uint64_t first_missing_ = 0;
  std::map<std::uint64_t, std::uint64_t> beyond_;  // by begin, the end
};

}  // namespace rehearsal::harness
