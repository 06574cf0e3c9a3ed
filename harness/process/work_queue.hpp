// Divides the items of a sweep, its seeds by their indexes, among its processes. Each process
// claims a range of indexes, again and again, so that none is idle while there is work. The indexes
// claimed so far always form a prefix of all.
//
// The queue is in memory that a process shares with its forks. After a crash it holds the claim of
// the crashed process, and the run that it was in.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "harness/process/shared_memory.hpp"

namespace rehearsal::harness {

// A range of indexes.
struct Claim {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // one past the last index

  friend bool operator==(const Claim&, const Claim&) = default;
};

inline constexpr std::uint64_t most_workers = 256;

class WorkQueue {
 public:
  // A queue of `total` items, shared with the processes that are forked while it exists. Throws
  // std::system_error if the memory cannot be mapped.
  explicit WorkQueue(std::uint64_t total) : total_(total) {}

  // Claims up to `count` indexes for a worker, whose number is below `most_workers`. Returns
  // nothing if there are no more, or after close().
  std::optional<Claim> claim(std::size_t worker, std::uint64_t count);
  // The same, up to the end of a block of `size` indexes. The first block has `gone` fewer.
  std::optional<Claim> claim_block(std::size_t worker, std::uint64_t size, std::uint64_t gone);
  // Assigns a range to a worker again, because a process crashed before it reported the range.
  void give(std::size_t worker, const Claim& claim);
  // Notes that the worker starts the run of this index of its claim.
  void begins(std::size_t worker, std::uint64_t place);

  // Ends claiming: claim() returns nothing from now on.
  void close();
  [[nodiscard]] bool closed() const;

  // Returns the number of claimed indexes: all below it are claimed, and no others.
  [[nodiscard]] std::uint64_t claimed() const;
  // The last claim of a worker, and the index of the run that it started last.
  struct Standing {
    Claim claim;
    std::uint64_t at = 0;
  };
  // Returns nothing if the worker has claimed nothing yet.
  [[nodiscard]] std::optional<Standing> standing(std::size_t worker) const;

 private:
  template <class Count>
  std::optional<Claim> claim_some(std::size_t worker, Count count);

  // One cache line for each worker, so that they do not slow each other down.
  struct alignas(64) Slot {
    std::atomic<std::uint64_t> begin{0};
    std::atomic<std::uint64_t> end{0};
    std::atomic<std::uint64_t> at{0};
  };
  struct Shared {
    std::atomic<std::uint64_t> next{0};
    std::atomic<bool> closed{false};
    std::array<Slot, most_workers> slots;
  };

  std::uint64_t total_;
  SharedMemory<Shared> shared_;
};

// The set of indexes that are done, added as ranges in any order.
class DoneRanges {
 public:
  // Adds a range. REQUIRES: no index of it was added before.
  void add(const Claim& piece);
  [[nodiscard]] bool contains(std::uint64_t place) const;
  // Returns the smallest index that is not done.
  [[nodiscard]] std::uint64_t first_missing() const { return first_missing_; }

 private:
  std::uint64_t first_missing_ = 0;
  std::map<std::uint64_t, std::uint64_t> beyond_;  // ranges above first_missing_: begin to end
};

}  // namespace rehearsal::harness
