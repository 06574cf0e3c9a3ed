// ReadBuffer holds the bytes that a stream has received and nobody has consumed yet.
//
// Invariants:
//  - It has memory only while it holds bytes, or between make_room() and received(): an idle stream
//    pays for one pointer.
//  - Consuming moves nothing. The bytes move when room behind them is needed: to the front, or if
//    they fill more than half of the memory, into twice as much. So each byte moves O(1) times.
#pragma once

#include <cstddef>
#include <memory>
#include <utility>

#include "sched/seam/network.hpp"

namespace rehearsal::sched {

class ReadBuffer {
 public:
  // The bytes that one receive has room for at least, in the first memory that is taken.
  static constexpr std::size_t first_capacity = 4096;

  ReadBuffer() = default;
  ReadBuffer(ReadBuffer&&) noexcept = default;
  ReadBuffer& operator=(ReadBuffer&&) noexcept = default;
  ~ReadBuffer() = default;

  [[nodiscard]] bool empty() const { return block_ == nullptr; }
  // Valid until the next call that is not const.
  [[nodiscard]] ConstBytes bytes() const {
    return block_ == nullptr ? ConstBytes()
                             : ConstBytes(block_->memory() + block_->begin, block_->size());
  }

  // Returns room behind the bytes, as much as there is, at least 1 KiB; or for `count` bytes.
  // received() must follow.
  [[nodiscard]] Bytes make_room();
  [[nodiscard]] Bytes make_room(std::size_t count);
  // The first `count` bytes of the room hold what was received; 0 if nothing came.
  void received(std::size_t count);
  // Drops the first `count` bytes. REQUIRES: there are as many.
  void consume(std::size_t count);
  // Moves bytes from the front into `into`, as many as fit; returns how many.
  std::size_t take(Bytes into);
  // Adds `bytes` behind the others.
  void append(ConstBytes bytes);

 private:
  // Followed by its memory.
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

  BlockPointer block_;  // null: it is empty
};

}  // namespace rehearsal::sched
