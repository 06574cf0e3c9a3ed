// Timers that are not due soon, in a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster
// algorithms for the shortest path problem", 1990): bags by the highest bit in which a deadline
// differs from a base that no deadline is before. The bag of the lowest bit holds the next ones,
// and is split by lower bits while it holds many. So a timer is moved some times before it is due,
// always together with its neighbours, and its own memory is not touched until it is taken out.
//
// Invariants:
//  - The deadlines of a bag are all before those of the next.
//  - A slot is free only where no entry names it: that of a timer that was unset stays behind
//    until its entry is met. At most about half of the entries are so dead.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <vector>

#include "sched/time.hpp"

namespace rehearsal::sched {

class Timer;

class FarTimers {
 public:
  struct Taken {
    Instant deadline;
    std::uint64_t sequence = 0;
    Timer* timer = nullptr;
  };

  [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size() - dead_; }
  // The last instant before which, or at which, no timer is in here.
  [[nodiscard]] Instant reach() const { return instant(reach_); }
  // No deadline is before `base` from now on. REQUIRES: none is.
  void rebase(Instant base);
  // Its slot. REQUIRES: its deadline is after reach(), or not before what was the base just now.
  std::uint32_t put(const Taken& timer);
  void remove(std::uint32_t slot);
  // Moves the next ones to the end of `to`, in no order. None only where none is left.
  void take(std::vector<Taken>& to);
  // Calls `f` with each, in no order that means anything.
  template <class F>
  void for_each(F&& f) const {
    for (const Bag& bag : bags_) {
      for (const Entry& entry : bag) {
        if (slots_[entry.slot] != nullptr) {
          f(Taken{instant(entry.key), entry.sequence, slots_[entry.slot]});
        }
      }
    }
  }

 private:
  struct Entry {
    std::uint64_t key;  // the deadline, so that it is compared without a sign
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  using Bag = std::vector<Entry>;

  static constexpr std::uint64_t sign = std::uint64_t{1} << 63U;
  [[nodiscard]] static std::uint64_t key(Instant at) {
    return static_cast<std::uint64_t>(at.time_since_epoch().count()) ^ sign;
  }
  [[nodiscard]] static Instant instant(std::uint64_t key) {
    return Instant(Duration(static_cast<std::int64_t>(key ^ sign)));
  }

  [[nodiscard]] Bag& bag_of(std::uint64_t key);
  [[nodiscard]] std::size_t first_bag() const;
  void begin_at(std::size_t bag);
  void drain(Bag& bag, std::vector<Taken>& to);
  void split(Bag& bag);
  void forget_dead();

  std::array<Bag, 65> bags_;  // by how many of the lowest bits hold every difference to the base
  std::uint64_t base_ = 0;
  std::uint64_t reach_ = 0;
  std::vector<Timer*> slots_;  // null: free, or dead
  std::vector<std::uint32_t> free_;
  std::size_t dead_ = 0;
  Bag moved_;  // empty but while a bag is split
};

}  // namespace rehearsal::sched
