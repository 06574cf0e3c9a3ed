// What is not due soon, in a radix heap (Ahuja, Mehlhorn, Orlin and Tarjan, "Faster algorithms for
// the shortest path problem", 1990): bags by the highest bit in which a deadline differs from a
// base that no deadline is before. The bag of the lowest bit holds the next ones,
// and is split by lower bits while it holds many. So a value is moved some times before it is due,
// always together with its neighbours, and what it names is not touched until it is taken out.
//
// Invariants:
//  - The deadlines of a bag are all before those of the next.
//  - A slot is free only where no entry names it: that of a value that was removed stays behind
//    until its entry is met. At most about half of the entries are so dead.
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

// Value{} is none.
template <class Value>
class RadixHeap {
 public:
  struct Taken {
    Instant deadline;
    std::uint64_t sequence = 0;
    Value value{};
  };

  [[nodiscard]] std::size_t size() const { return slots_.size() - free_.size() - dead_; }
  // The last instant before which, or at which, nothing is in here.
  [[nodiscard]] Instant reach() const { return instant(reach_); }
  // No deadline is before `base` from now on. REQUIRES: none is.
  void rebase(Instant base);
  // Its slot. REQUIRES: its deadline is after reach(), or not before what was the base just now.
  [[gnu::hot]] std::uint32_t put(const Taken& taken);
  void remove(std::uint32_t slot);
  // Moves the next ones to the end of `to`, in no order. None only where none is left.
  [[gnu::hot]] void take(std::vector<Taken>& to);
  // Calls `f` with each, in no order that means anything.
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
    std::uint64_t key;  // the deadline, so that it is compared without a sign
    std::uint64_t sequence;
    std::uint32_t slot;
  };
  using Bag = std::vector<Entry>;

  // So many are taken at once where there are as many: what they wake fits the second cache.
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

  std::array<Bag, 65> bags_;  // by how many of the lowest bits hold every difference to the base
  std::uint64_t base_ = 0;
  std::uint64_t reach_ = 0;
  std::vector<Value> slots_;  // none: free, or dead
  std::vector<std::uint32_t> free_;
  std::size_t dead_ = 0;
  Bag moved_;  // empty but while a bag is split
};

// Implementation.

template <class Value>
typename RadixHeap<Value>::Bag& RadixHeap<Value>::bag_of(std::uint64_t key) {
  return bags_[static_cast<std::size_t>(std::bit_width(key ^ base_))];
}

template <class Value>
void RadixHeap<Value>::rebase(Instant base) {
  forget_dead();  // which may be due before the base
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
    // The deadlines of the two lowest are all the same.
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

// The base becomes the first instant that belongs into this bag, the reach the last one.
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

// That of an event queue, compiled once.
extern template class RadixHeap<std::uint32_t>;

}  // namespace rehearsal::sched
