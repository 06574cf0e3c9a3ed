// A first-in first-out queue that holds one value, by far the usual number, without a block of its
// own.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "sched/ring.hpp"

namespace rehearsal::simnet {

template <class T>
class SmallQueue {
 public:
  [[nodiscard]] bool empty() const { return !has_front_; }
  [[nodiscard]] std::size_t size() const {
    return has_front_ ? 1 + (rest_ != nullptr ? rest_->size() : 0) : 0;
  }
  // REQUIRES of both: !empty().
  [[nodiscard]] T& front() { return front_; }
  T pop() {
    T value = std::move(front_);
    has_front_ = rest_ != nullptr && !rest_->empty();
    if (has_front_) {
      front_ = rest_->pop();
    }
    return value;
  }
  void push(T value) {
    if (has_front_) {
      if (rest_ == nullptr) {
        rest_ = std::make_unique<sched::Ring<T>>();
      }
      rest_->push(std::move(value));
    } else {
      front_ = std::move(value);
      has_front_ = true;
    }
  }
  void clear() {
    has_front_ = false;
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
  bool has_front_ = false;
};

}  // namespace rehearsal::simnet
