// A sequence that stores its first `inline_capacity` values in itself, and allocates a heap block
// only for more. A sequence that is usually short needs no other memory.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <type_traits>
#include <utility>

namespace rehearsal::sched {

template <class T, std::size_t inline_capacity>
  requires std::is_trivially_copyable_v<T>
class SmallVector {
 public:
  using value_type = T;
  using iterator = T*;
  using const_iterator = const T*;

  SmallVector() = default;
  SmallVector(const SmallVector&) = delete;
  SmallVector& operator=(const SmallVector&) = delete;
  SmallVector(SmallVector&& other) noexcept { swap(other); }
  SmallVector& operator=(SmallVector&& other) noexcept {
    swap(other);
    return *this;
  }
  ~SmallVector() { free_block(); }

  [[nodiscard]] bool empty() const { return size_ == 0; }
  [[nodiscard]] std::size_t size() const { return size_; }
  [[nodiscard]] T* data() { return data_; }
  [[nodiscard]] const T* data() const { return data_; }
  [[nodiscard]] T* begin() { return data_; }
  [[nodiscard]] const T* begin() const { return data_; }
  [[nodiscard]] T* end() { return data_ + size_; }
  [[nodiscard]] const T* end() const { return data_ + size_; }
  // REQUIRES for element access: the element exists.
  [[nodiscard]] T& operator[](std::size_t at) { return data_[at]; }
  [[nodiscard]] const T& operator[](std::size_t at) const { return data_[at]; }
  [[nodiscard]] T& front() { return data_[0]; }
  [[nodiscard]] const T& front() const { return data_[0]; }
  [[nodiscard]] T& back() { return data_[size_ - 1]; }
  [[nodiscard]] const T& back() const { return data_[size_ - 1]; }
  void pop_back() { --size_; }

  void push_back(const T& value) {
    if (size_ == capacity_) [[unlikely]] {
      const T kept = value;  // it may be in the block that is freed
      grow();
      data_[size_++] = kept;
      return;
    }
    data_[size_++] = value;
  }
  template <class... Arguments>
  void emplace_back(Arguments&&... arguments) {
    push_back(T{std::forward<Arguments>(arguments)...});
  }
  // Appends the values of `from`, which is not a part of this sequence.
  template <class Range>
  void append(const Range& from) {
    for (const T& value : from) {
      push_back(value);
    }
  }
  // Removes all values. The block is kept for the next ones.
  void clear() { size_ = 0; }
  void swap(SmallVector& other) noexcept {
    const bool here = is_inline();
    const bool there = other.is_inline();
    std::swap(inline_, other.inline_);
    std::swap(data_, other.data_);
    std::swap(size_, other.size_);
    std::swap(capacity_, other.capacity_);
    if (there) {
      data_ = inline_.data();
    }
    if (here) {
      other.data_ = other.inline_.data();
    }
  }

 private:
  [[nodiscard]] bool is_inline() const { return data_ == inline_.data(); }
  void free_block() {
    if (!is_inline()) {
      delete[] data_;
    }
  }
  void grow() {
    const std::size_t wider = capacity_ < 4 ? 8 : std::size_t{2} * capacity_;
    T* block = new T[wider];
    for (std::size_t i = 0; i < size_; ++i) {
      block[i] = data_[i];
    }
    free_block();
    data_ = block;
    capacity_ = static_cast<std::uint32_t>(wider);
  }

  std::array<T, inline_capacity> inline_{};
  T* data_ = inline_.data();
  std::uint32_t size_ = 0;
  std::uint32_t capacity_ = inline_capacity;
};

}  // namespace rehearsal::sched
