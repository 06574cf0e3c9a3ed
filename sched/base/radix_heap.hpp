// A radix heap for values that are not due soon (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster
// algorithms for the shortest path problem", 1990). Each bag holds the deadlines whose highest bit
// that differs from a base is the same; no deadline is before the base. The lowest bag holds the
// next ones, and is split by lower bits while it holds many. So a value is moved a few times before
// it is due, always together with its neighbours. What it refers to is not touched until it is
// taken out.
//
// Invariants:
//  - All deadlines of a bag are before those of the next bag.
//  - A slot is free only if no entry names it. The slot of a removed value stays until its entry is
//    met. At most about half of the entries are dead in this way.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

#include "sched/base/time.hpp"

namespace rehearsal::sched {

// Value{} means no value.
template <class Value>
class RadixHeap {
 public:
  struct Taken {
    Instant deadline;
    std::uint64_t sequence = 0;
    Value value{};
  };

  [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size() - dead_; }
  // Returns an instant such that every deadline in here is after it.
  [[nodiscard]] Instant reach() const { return instant(reach_); }
  // Moves the base. REQUIRES: no deadline is before `base` now or later.
  void rebase(Instant base);
  // Adds a value and returns its slot. REQUIRES: its deadline is after reach(), or at least the
  // latest base.
  [[gnu::hot]] std::uint32_t put(const Taken& taken);
  void remove(std::uint32_t slot);
  // Moves the next values to the end of `to`, unordered. Moves none only if the heap is empty.
  [[gnu::hot]] void take(std::vector<Taken>& to);
  // Calls `f` with each value, in an unspecified order.
  template <class F>
  void for_each(F&& f) const {
    for (const Bag& bag : bags_) {
      for (const Entry& entry : bag) {
        if (slots_[entry.slot] != Value{}) {
          f(Taken{instant(entry.key), entry.sequence, slots_[entry.slot]});
        }
      }
    }
  }

 private:
  struct Entry {
    std::uint64_t key;  // the deadline, mapped so that unsigned comparison orders it
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  using Bag = std::vector<Entry>;

  // The number of values that are taken at once, if there are as many. What they wake fits the
  // L2 cache.
  static constexpr std::size_t most_taken = 64;
  static constexpr std::size_t few_dead = 64;
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
  [[gnu::hot]] void drain(Bag& bag, std::vector<Taken>& to);
  void split(Bag& bag);
  void forget_dead();

  // by the number of low bits in which a deadline may differ from the base
  std::array<Bag, 65> bags_;
  std::uint64_t base_ = 0;
  std::uint64_t reach_ = 0;
  std::vector<Value> slots_;  // Value{}: free, or dead
  std::vector<std::uint32_t> free_;
  std::size_t dead_ = 0;
  Bag moved_;  // only used while a bag is split
};

// Implementation.

template <class Value>
typename RadixHeap<Value>::Bag& RadixHeap<Value>::bag_of(std::uint64_t key) {
  return bags_[static_cast<std::size_t>(std::bit_width(key ^ base_))];
}

template <class Value>
void RadixHeap<Value>::rebase(Instant base) {
  forget_dead();  // dead entries may be due before the base
  base_ = key(base);
  for (Bag& bag : bags_) {
    moved_.insert(moved_.end(), bag.begin(), bag.end());
    bag.clear();
  }
  split(moved_);
}

template <class Value>
std::uint32_t RadixHeap<Value>::put(const Taken& taken) {
  std::uint32_t slot = 0;
  if (free_.empty()) {
    slot = static_cast<std::uint32_t>(slots_.size());
    slots_.push_back(taken.value);
  } else {
    slot = free_.back();
    free_.pop_back();
    slots_[slot] = taken.value;
  }
  const std::uint64_t at = key(taken.deadline);
  bag_of(at).push_back({at, taken.sequence, slot});
  return slot;
}

template <class Value>
void RadixHeap<Value>::remove(std::uint32_t slot) {
  slots_[slot] = Value{};
  ++dead_;
  if (dead_ > size() + few_dead) {
    forget_dead();
  }
}

template <class Value>
void RadixHeap<Value>::take(std::vector<Taken>& to) {
  std::size_t room = most_taken;
  for (std::size_t at = first_bag(); at < bags_.size(); at = first_bag()) {
    Bag& bag = bags_[at];
    // All deadlines in one of the two lowest bags are equal.
    const bool is_split = bag.size() > room && at > 1;
    if (is_split && !to.empty()) {
      return;
    }
    begin_at(at);
    if (is_split) {
      bag.swap(moved_);
      split(moved_);
    } else {
      room -= std::min(room, bag.size());
      drain(bag, to);
    }
  }
}

template <class Value>
std::size_t RadixHeap<Value>::first_bag() const {
  std::size_t at = 0;
  while (at < bags_.size() && bags_[at].empty()) {
    ++at;
  }
  return at;
}

// The base becomes the first instant that belongs in this bag, the reach the last one.
template <class Value>
void RadixHeap<Value>::begin_at(std::size_t bag) {
  const std::uint64_t highest = bag == 0 ? 0 : std::uint64_t{1} << (bag - 1);
  const std::uint64_t below = highest == 0 ? 0 : highest - 1;
  base_ = (base_ & ~below) | highest;
  reach_ = base_ | below;
}

template <class Value>
void RadixHeap<Value>::drain(Bag& bag, std::vector<Taken>& to) {
  for (const Entry& entry : bag) {
    Value& value = slots_[entry.slot];
    if (value != Value{}) {
      to.push_back({instant(entry.key), entry.sequence, std::exchange(value, Value{})});
    } else {
      --dead_;
    }
    free_.push_back(entry.slot);
  }
  bag.clear();
}

template <class Value>
void RadixHeap<Value>::split(Bag& bag) {
  for (const Entry& entry : bag) {
    bag_of(entry.key).push_back(entry);
  }
  bag.clear();
}

template <class Value>
void RadixHeap<Value>::forget_dead() {
  for (Bag& bag : bags_) {
    std::erase_if(bag, [this](const Entry& entry) {
      const bool dead = slots_[entry.slot] == Value{};
      if (dead) {
        free_.push_back(entry.slot);
      }
      return dead;
    });
  }
  dead_ = 0;
}

// The instance of an event queue, compiled once.
extern template class RadixHeap<std::uint32_t>;

}  // namespace rehearsal::sched
