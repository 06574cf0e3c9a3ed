// ReadBuffer holds the bytes that a stream has received and its program has not consumed.
//
// Invariants:
//  - It has memory only while it holds bytes, or between make_room() and received(): an idle stream
//    costs one pointer.
//  - Consuming moves nothing. The bytes move when more room behind them is needed: to the front, or
//    if they fill more than half of the memory, to a block of twice the size. So each byte moves
//    O(1) times.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "sched/seam/network.hpp"

namespace rehearsal::sched {

class ReadBuffer {
 public:
  // Minimum size of the first block, and so of the room for its first receive, in bytes.
  static constexpr std::size_t first_capacity = 4096;

  ReadBuffer() = default;
  ReadBuffer(ReadBuffer&&) noexcept = default;
  ReadBuffer& operator=(ReadBuffer&&) noexcept = default;
  ~ReadBuffer() = default;

  [[nodiscard]] bool empty() const { return block_ == nullptr; }
  // Returns all bytes. Valid until the next non-const call.
  [[nodiscard]] ConstBytes bytes() const {
    return block_ == nullptr ? ConstBytes()
                             : ConstBytes(block_->memory() + block_->begin, block_->size());
  }

  // Returns the room behind the bytes: all of it, at least 1 KiB. received() must follow.
  [[nodiscard]] Bytes make_room();
  // Returns room for `count` bytes behind the bytes. received() must follow.
  [[nodiscard]] Bytes make_room(std::size_t count);
  // Adds the first `count` bytes of the room to the buffer; 0 if nothing was received.
  void received(std::size_t count);
  // Drops the first `count` bytes. REQUIRES: there are at least `count`.
  void consume(std::size_t count);
  // Moves as many bytes as fit from the front to `into`. Returns how many.
  std::size_t take(Bytes into);
  // Appends `bytes`.
  void append(ConstBytes bytes);

 private:
  // Its memory follows it.
  struct Block {
    std::size_t capacity = 0;
    std::size_t begin = 0;
    std::size_t end = 0;

    [[nodiscard]] std::size_t size() const { return end - begin; }
    [[nodiscard]] std::byte* memory() { return reinterpret_cast<std::byte*>(this + 1); }
    [[nodiscard]] Bytes room() { return {memory() + end, capacity - end}; }
  };
  struct Free {
    void operator()(Block* block) const { ::operator delete(block); }
  };
  using BlockPointer = std::unique_ptr<Block, Free>;

  static BlockPointer make_block(std::size_t capacity);
  void make_larger(std::size_t room);

  BlockPointer block_;  // null if the buffer is empty
};

}  // namespace rehearsal::sched
