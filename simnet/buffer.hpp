// The bytes of one direction of a connection, from the call that sent them to the one that receives
// them: a ring that takes its memory from a pool and gives it back whenever it is empty, so that an
// idle connection holds none.
#pragma once

#include <algorithm>
#include <array>
#include <bit>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <utility>
#include <vector>

#include "sched/network.hpp"

namespace rehearsal::simnet {

// Blocks of 2^k bytes, kept for the next.
class BufferPool {
 public:
  using Block = std::unique_ptr<std::byte[]>;

  // REQUIRES: `capacity` is a power of two.
  Block take(std::size_t capacity) {
    auto& free = free_[class_of(capacity)];
    if (free.empty()) {
      return std::make_unique_for_overwrite<std::byte[]>(capacity);
    }
    Block block = std::move(free.back());
    free.pop_back();
    return block;
  }
  void give(Block block, std::size_t capacity) {
    free_[class_of(capacity)].push_back(std::move(block));
  }

 private:
  static std::size_t class_of(std::size_t capacity) {
    return static_cast<std::size_t>(std::countr_zero(capacity));
  }
  std::array<std::vector<Block>, 64> free_;
};

class Buffer {
 public:
  [[nodiscard]] std::size_t size() const { return size_; }

  void append(BufferPool& pool, sched::ConstBytes bytes) {
    if (size_ + bytes.size() > capacity_) {
      grow(pool, size_ + bytes.size());
    }
    const std::size_t tail = (head_ + size_) & (capacity_ - 1);
    const std::size_t first = std::min(bytes.size(), capacity_ - tail);
    std::memcpy(block_.get() + tail, bytes.data(), first);
    std::memcpy(block_.get(), bytes.data() + first, bytes.size() - first);
    size_ += bytes.size();
  }
  // Takes out the first into.size() bytes. REQUIRES: there are so many.
  void take(BufferPool& pool, sched::Bytes into) {
    const std::size_t first = std::min(into.size(), capacity_ - head_);
    std::memcpy(into.data(), block_.get() + head_, first);
    std::memcpy(into.data() + first, block_.get(), into.size() - first);
    drop(pool, into.size());
  }
  // Forgets the first `count` bytes. REQUIRES: there are so many.
  void drop(BufferPool& pool, std::size_t count) {
    size_ -= count;
    if (size_ == 0) {
      if (block_ != nullptr) {
        pool.give(std::move(block_), std::exchange(capacity_, 0));
      }
      head_ = 0;
    } else {
      head_ = (head_ + count) & (capacity_ - 1);
    }
  }
  // Forgets the last `count` bytes. REQUIRES: there are so many.
  void cut(BufferPool& pool, std::size_t count) {
    size_ -= count;
    drop(pool, 0);
  }

 private:
  static constexpr std::size_t least_capacity = 64;

  void grow(BufferPool& pool, std::size_t needed) {
    const std::size_t capacity = std::bit_ceil(std::max(needed, least_capacity));
    auto block = pool.take(capacity);
    if (block_ != nullptr) {
      const std::size_t first = std::min(size_, capacity_ - head_);
      std::memcpy(block.get(), block_.get() + head_, first);
      std::memcpy(block.get() + first, block_.get(), size_ - first);
      pool.give(std::move(block_), capacity_);
    }
    block_ = std::move(block);
    capacity_ = capacity;
    head_ = 0;
  }

  BufferPool::Block block_;
  std::size_t capacity_ = 0;
  std::size_t head_ = 0;
  std::size_t size_ = 0;
};

}  // namespace rehearsal::simnet
