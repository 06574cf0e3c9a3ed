// The seeds of a sweep as its processes divide them among themselves. A seed's place is how many
// come before it. Each process claims some places that follow each other, again and again, so that
// none is idle while there is work, and the places that were claimed are always the first ones.
//
// It lies in memory that a process shares with its forks, and says where one stood that crashed.
#pragma once

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <map>
#include <optional>

#include "harness/process/shared_memory.hpp"

namespace rehearsal::harness {

struct Claim {
  std::uint64_t begin = 0;
  std::uint64_t end = 0;  // the place after its last

  friend bool operator==(const Claim&, const Claim&) = default;
};

inline constexpr std::uint64_t most_workers = 256;

class WorkQueue {
 public:
  // Of `total` items. Processes that are forked while it exists share it. Throws std::system_error.
  explicit WorkQueue(std::uint64_t total) : total_(total) {}

  // A worker, by its number below `most_workers`, claims up to `count` places; nothing where there
  // are no more.
  std::optional<Claim> claim(std::size_t worker, std::uint64_t count);
  // A worker is given places that another one has lost.
  void give(std::size_t worker, const Claim& claim);
  // The run at this place, of its claim, begins.
  void begins(std::size_t worker, std::uint64_t place);

  // Nothing more is to be claimed.
  void close();
  [[nodiscard]] bool closed() const;

  // Every place below this has been claimed, and no other.
  [[nodiscard]] std::uint64_t claimed() const;
  // What this worker has claimed last, and the place of its run that began last; nothing where it
  // has claimed nothing.
  struct Standing {
    Claim claim;
    std::uint64_t at = 0;
  };
  [[nodiscard]] std::optional<Standing> standing(std::size_t worker) const;

 private:
  // A line of the cache each, so that workers do not disturb each other.
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

// Which places of a sweep are done: they come in pieces, in any order.
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
