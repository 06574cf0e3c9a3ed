// SmallQueue: a first-in first-out queue that holds one value, by far the usual number, without
// allocating memory.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "sched/base/ring.hpp"

namespace rehearsal::simnet {

template <class T>
class SmallQueue {
 public:
  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  // The first and the last value. REQUIRES: !empty().
  [[nodiscard]] T& front() { return front_; }
  [[nodiscard]] const T& front() const { return front_; }
  T pop() {
    T value = std::move(front_);
    --size_;
    if (size_ != 0) [[unlikely]] {
      front_ = rest_->pop();
    }
    return value;
  }
  void push(T value) {
    if (size_++ != 0) [[unlikely]] {
      if (rest_ == nullptr) {
        rest_ = std::make_unique<sched::Ring<T>>();
      }
      rest_->push(std::move(value));
    } else {
      front_ = std::move(value);
    }
  }
  void clear() {
    size_ = 0;
    rest_.reset();
  }
  // Replaces each value by f(value), in order.
  template <class F>
  void transform(F&& f) {
    SmallQueue changed;
    while (!empty()) {
      changed.push(f(pop()));
    }
    *this = std::move(changed);
  }

 private:
  T front_{};
  std::unique_ptr<sched::Ring<T>> rest_;  // null until it is needed
  std::uint32_t size_ = 0;                // here, so that size() does not read the block of rest_
};

}  // namespace rehearsal::simnet
