// Buffer: the bytes of one direction of a connection, from the call that sends them to the call
// that receives them. It is a ring that takes its memory from a pool and returns it when it is
// empty, so that an idle connection uses none.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <new>
#include <utility>

#include "sched/seam/network.hpp"

namespace rehearsal::simnet {

// Blocks of 2^k bytes, which are kept for reuse.
class BufferPool {
 public:
  BufferPool() = default;
  BufferPool(const BufferPool&) = delete;
  BufferPool& operator=(const BufferPool&) = delete;
  ~BufferPool() {
    for (Free*& first : free_) {
      while (first != nullptr) {
        release(reinterpret_cast<std::byte*>(std::exchange(first, first->next)));
      }
    }
  }

  // Returns a block. REQUIRES: `capacity` is a power of two, at least 64.
  std::byte* take(std::size_t capacity) {
    Free*& first = free_[class_of(capacity)];
    if (first == nullptr) [[unlikely]] {
      return static_cast<std::byte*>(::operator new(capacity, alignment));
    }
    return reinterpret_cast<std::byte*>(std::exchange(first, first->next));
  }
  void give(std::byte* block, std::size_t capacity) {
    Free*& first = free_[class_of(capacity)];
    first = ::new (block) Free{first};
  }
  // Frees a block that is not returned to a pool.
  static void release(std::byte* block) { ::operator delete(block, alignment); }

 private:
  struct Free {
    Free* next;
  };
  // The alignment keeps a short message in one cache line.
  static constexpr std::align_val_t alignment{64};
  static std::size_t class_of(std::size_t capacity) {
    return static_cast<std::size_t>(std::countr_zero(capacity));
  }
  std::array<Free*, 64> free_{};
};

class Buffer {
 public:
  Buffer() = default;
  Buffer(const Buffer&) = delete;
  Buffer& operator=(const Buffer&) = delete;
  ~Buffer() {
    if (block_ != nullptr) {
      BufferPool::release(block_);
    }
  }

  // The maximum size; append() REQUIRES that it is not exceeded.
  static constexpr std::size_t most_bytes = std::size_t{1} << 31U;

  [[nodiscard]] std::size_t size() const { return size_; }
  // Returns the first byte; not valid if the buffer is empty.
  [[nodiscard]] const std::byte* front() const { return block_ + head_; }

  [[gnu::always_inline]] void append(BufferPool& pool, sched::ConstBytes bytes) {
    if (size_ + bytes.size() > capacity_) {
      grow(pool, size_ + bytes.size());
    }
    const std::size_t tail = (head_ + size_) & (capacity_ - 1);
    const std::size_t first = std::min<std::size_t>(bytes.size(), capacity_ - tail);
    copy(block_ + tail, bytes.data(), first);
    if (first != bytes.size()) [[unlikely]] {
      std::memcpy(block_, bytes.data() + first, bytes.size() - first);
    }
    size_ += static_cast<std::uint32_t>(bytes.size());
  }
  // Copies the first into.size() bytes to `into`. REQUIRES: into.size() <= size().
  void copy(sched::Bytes into) const {
    const std::size_t first = std::min<std::size_t>(into.size(), capacity_ - head_);
    copy(into.data(), block_ + head_, first);
    if (first != into.size()) [[unlikely]] {
      std::memcpy(into.data() + first, block_, into.size() - first);
    }
  }
  // Moves the first into.size() bytes to `into`. REQUIRES: into.size() <= size().
  void take(BufferPool& pool, sched::Bytes into) {
    copy(into);
    drop(pool, into.size());
  }
  // Removes the first `count` bytes. REQUIRES: count <= size().
  void drop(BufferPool& pool, std::size_t count) {
    size_ -= static_cast<std::uint32_t>(count);
    if (size_ == 0) {
      if (block_ != nullptr) {
        pool.give(std::exchange(block_, nullptr), std::exchange(capacity_, 0));
      }
      head_ = 0;
    } else {
      head_ = static_cast<std::uint32_t>((head_ + count) & (capacity_ - 1));
    }
  }
  // Removes the last `count` bytes. REQUIRES: count <= size().
  void cut(BufferPool& pool, std::size_t count) {
    size_ -= static_cast<std::uint32_t>(count);
    drop(pool, 0);
  }

 private:
  static constexpr std::size_t least_capacity = 64;

  // Copies bytes; short messages without a function call.
  static void copy(std::byte* to, const std::byte* from, std::size_t size) {
    constexpr std::size_t half = 32;
    if (size >= half && size <= 2 * half) {
      std::array<std::byte, half> first;  // NOLINT: filled next
      std::array<std::byte, half> last;   // NOLINT: filled next
      std::memcpy(first.data(), from, half);
      std::memcpy(last.data(), from + size - half, half);
      std::memcpy(to, first.data(), half);
      std::memcpy(to + size - half, last.data(), half);
    } else {
      std::memcpy(to, from, size);
    }
  }

  [[gnu::noinline, gnu::hot]] void grow(BufferPool& pool, std::size_t needed) {
    const std::size_t capacity = std::bit_ceil(std::max(needed, least_capacity));
    std::byte* block = pool.take(capacity);
    if (block_ != nullptr) {
      const std::size_t first = std::min<std::size_t>(size_, capacity_ - head_);
      std::memcpy(block, block_ + head_, first);
      std::memcpy(block + first, block_, size_ - first);
      pool.give(block_, capacity_);
    }
    block_ = block;
    capacity_ = static_cast<std::uint32_t>(capacity);
    head_ = 0;
  }

  std::byte* block_ = nullptr;
  std::uint32_t capacity_ = 0;
  std::uint32_t head_ = 0;
  std::uint32_t size_ = 0;
};

}  // namespace rehearsal::simnet
