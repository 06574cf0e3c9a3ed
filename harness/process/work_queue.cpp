#include "harness/process/work_queue.hpp"

#include <algorithm>
#include <iterator>

namespace rehearsal::harness {
static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "processes share no locks");

// Claims count(begin) indexes from `begin` on.
template <class Count>
std::optional<Claim> WorkQueue::claim_some(std::size_t worker, Count count) {
  if (closed()) {
    return std::nullopt;
  }
  std::uint64_t begin = shared_->next.load();
  std::uint64_t end = 0;
  do {
    end = begin + std::min(count(begin), total_ - begin);
  } while (!shared_->next.compare_exchange_weak(begin, end));
  if (begin == end) {
    return std::nullopt;
  }
  give(worker, {begin, end});
  return Claim{begin, end};
}

std::optional<Claim> WorkQueue::claim(std::size_t worker, std::uint64_t count) {
  return claim_some(worker, [count](std::uint64_t /*begin*/) { return count; });
}

std::optional<Claim> WorkQueue::claim_block(std::size_t worker, std::uint64_t size,
                                            std::uint64_t gone) {
  return claim_some(worker, [=](std::uint64_t begin) { return size - (begin + gone) % size; });
}

void WorkQueue::give(std::size_t worker, const Claim& claim) {
  Slot& slot = shared_->slots[worker];
  slot.at = claim.begin;
  slot.begin = claim.begin;
  slot.end = claim.end;
}

void WorkQueue::begins(std::size_t worker, std::uint64_t place) {
  shared_->slots[worker].at.store(place, std::memory_order_relaxed);
}

void WorkQueue::close() { shared_->closed = true; }

bool WorkQueue::closed() const { return shared_->closed; }

std::uint64_t WorkQueue::claimed() const { return shared_->next; }

std::optional<WorkQueue::Standing> WorkQueue::standing(std::size_t worker) const {
  const Slot& slot = shared_->slots[worker];
  if (slot.end == 0) {
    return std::nullopt;
  }
  return Standing{{slot.begin, slot.end}, slot.at};
}

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
