// A first-in, first-out queue in one block of memory that grows by doubling.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "sched/base/check.hpp"

namespace rehearsal::sched {

template <class T>
class Ring {
 public:
  [[nodiscard]] bool empty() const { return head_ == tail_; }
  [[nodiscard]] std::size_t size() const { return tail_ - head_; }

  void push(T value) {
    if (size() == capacity_) [[unlikely]] {
      grow();
    }
    slots_[tail_++ & (capacity_ - 1)] = std::move(value);
  }

  // Takes the front out. REQUIRES: !empty().
  T pop() {
    T& front = slots_[head_ & (capacity_ - 1)];
    ++head_;
    if (head_ == tail_) {  // starts again in memory that is in the cache
      head_ = tail_ = 0;
    }
    return std::move(front);
  }

  // Returns the value at distance `ahead` from the front. REQUIRES: ahead < size().
  [[nodiscard]] const T& peek(std::size_t ahead) const {
    return slots_[(head_ + ahead) & (capacity_ - 1)];
  }

 private:
  void grow() {
    const std::size_t wider = capacity_ == 0 ? 16 : capacity_ * 2;
    auto slots = std::make_unique<T[]>(wider);
    const std::size_t count = size();
    for (std::size_t i = 0; i < count; ++i) {
      slots[i] = std::move(slots_[(head_ + i) & (capacity_ - 1)]);
    }
    slots_ = std::move(slots);
    capacity_ = wider;
    head_ = 0;
    tail_ = count;
  }

  std::unique_ptr<T[]> slots_;
  std::size_t capacity_ = 0;  // zero or a power of two
  std::size_t head_ = 0;  // both count without wrapping, and restart from 0 whenever it is empty
  std::size_t tail_ = 0;
};

}  // namespace rehearsal::sched
