#include "harness/process/done_ranges.hpp"

#include <iterator>

namespace rehearsal::harness {

void DoneRanges::add(const Claim& piece) {
  beyond_.emplace(piece.begin, piece.end);
  for (auto first = beyond_.begin(); first != beyond_.end() && first->first == first_missing_;
       first = beyond_.erase(first)) {
    first_missing_ = first->second;
  }
}

bool DoneRanges::contains(std::uint64_t place) const {
  if (place < first_missing_) {
    return true;
  }
  const auto after = beyond_.upper_bound(place);
  return after != beyond_.begin() && place < std::prev(after)->second;
}

}  // namespace rehearsal::harness
