// A hash table from well-distributed 64-bit keys (sched/base/key.hpp) to small values. It cannot be
// iterated, so nothing depends on its order. Linear probing; grows by doubling.
#pragma once

#include <cstddef>
#include <cstdint>
#include <utility>
#include <vector>

namespace rehearsal::simnet {

template <class Value>
class KeyTable {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }

  // Returns the value of `key`, or null if there is none. Valid until the next insertion.
  [[nodiscard]] Value* find(std::uint64_t key) {
    if (slots_.empty()) {
      return nullptr;
    }
    Slot& slot = slots_[place(key)];
    return slot.used ? &slot.value : nullptr;
  }
  [[nodiscard]] const Value* find(std::uint64_t key) const {
    return const_cast<KeyTable*>(this)->find(key);  // NOLINT(*-const-cast)
  }

  // Returns the value of `key`, which is Value{} if there was none. Valid until the next insertion.
  Value& operator[](std::uint64_t key) {
    if (2 * (size_ + 1) > slots_.size()) {
      grow();
    }
    Slot& slot = slots_[place(key)];
    if (!slot.used) {
      slot.used = true;
      slot.key = key;
      ++size_;
    }
    return slot.value;
  }

  void clear() {
    slots_.clear();
    size_ = 0;
  }

 private:
  struct Slot {
    std::uint64_t key = 0;
    Value value{};
    bool used = false;
  };

  // Returns the slot of `key`, or the slot where it belongs. REQUIRES: a slot is free.
  [[nodiscard]] std::size_t place(std::uint64_t key) const {
    const std::size_t last = slots_.size() - 1;
    // FNV distributes the lowest bits worst.
    std::size_t at = static_cast<std::size_t>(key ^ (key >> 29U)) & last;
    while (slots_[at].used && slots_[at].key != key) {
      at = (at + 1) & last;
    }
    return at;
  }

  void grow() {
    std::vector<Slot> old(slots_.empty() ? 16 : 2 * slots_.size());
    old.swap(slots_);
    for (Slot& slot : old) {
      if (slot.used) {
        Slot& moved = slots_[place(slot.key)];
        moved.key = slot.key;
        moved.used = true;
        moved.value = std::move(slot.value);
      }
    }
  }

  std::vector<Slot> slots_;
  std::size_t size_ = 0;
};

}  // namespace rehearsal::simnet
