#include "harness/process/work_queue.hpp"

#include <sys/mman.h>

#include <algorithm>
#include <cerrno>
#include <new>
#include <system_error>

namespace rehearsal::harness {
namespace {

void* map_shared(std::size_t size) {
  void* memory = ::mmap(nullptr, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) {  // NOLINT(performance-no-int-to-ptr)
    throw std::system_error(errno, std::generic_category(), "share memory");
  }
  return memory;
}

}  // namespace

static_assert(std::atomic<std::uint64_t>::is_always_lock_free, "processes share no locks");

void WorkQueue::Unmap::operator()(void* memory) const { ::munmap(memory, size); }

WorkQueue::WorkQueue(std::uint64_t total, std::size_t workers)
    : total_(total),
      memory_(map_shared(sizeof(Shared) + workers * sizeof(Slot)),
              Unmap{sizeof(Shared) + workers * sizeof(Slot)}) {
  auto* bytes = static_cast<std::byte*>(memory_.get());
  shared_ = new (bytes) Shared;
  auto* slots = reinterpret_cast<Slot*>(bytes + sizeof(Shared));  // NOLINT
  std::uninitialized_default_construct_n(slots, workers);
  slots_ = {slots, workers};
}

std::optional<Claim> WorkQueue::claim(std::size_t worker, std::uint64_t count) {
  if (closed()) {
    return std::nullopt;
  }
  std::uint64_t begin = shared_->next.load();
  std::uint64_t end = 0;
  do {
    end = begin + std::min(count, total_ - begin);
  } while (!shared_->next.compare_exchange_weak(begin, end));
  if (begin == end) {
    return std::nullopt;
  }
  give(worker, {begin, end});
  return Claim{begin, end};
}

void WorkQueue::give(std::size_t worker, const Claim& claim) {
  slots_[worker].at = claim.begin;
  slots_[worker].begin = claim.begin;
  slots_[worker].end = claim.end;
}

void WorkQueue::begins(std::size_t worker, std::uint64_t place) {
  slots_[worker].at.store(place, std::memory_order_relaxed);
}

void WorkQueue::close() { shared_->closed = true; }

bool WorkQueue::closed() const { return shared_->closed; }

std::uint64_t WorkQueue::claimed() const { return shared_->next; }

std::optional<WorkQueue::Standing> WorkQueue::standing(std::size_t worker) const {
  const Slot& slot = slots_[worker];
  if (slot.end == 0) {
    return std::nullopt;
  }
  return Standing{{slot.begin, slot.end}, slot.at};
}

}  // namespace rehearsal::harness
