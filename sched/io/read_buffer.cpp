#include "sched/io/read_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "sched/base/check.hpp"

namespace rehearsal::sched {

ReadBuffer::BlockPointer ReadBuffer::make_block(std::size_t capacity) {
  void* memory = ::operator new(sizeof(Block) + capacity);
  return BlockPointer(new (memory) Block{capacity});
}

Bytes ReadBuffer::make_room() {
  if (block_ == nullptr) {
    block_ = make_block(first_capacity);
  }
  const std::size_t wanted = std::max(block_->capacity, first_capacity) / 4;
  if (block_->room().size() < wanted) {
    make_larger(wanted);
  }
  return block_->room();
}

Bytes ReadBuffer::make_room(std::size_t count) {
  if (block_ == nullptr) {
    block_ = make_block(count);
  } else if (block_->room().size() < count) {
    make_larger(count);
  }
  return block_->room().first(count);
}

// Moves the bytes so that `room` more fit behind them.
void ReadBuffer::make_larger(std::size_t room) {
  const std::size_t size = block_->size();
  const bool fits = size <= block_->capacity / 2 && room <= block_->capacity - size;
  BlockPointer larger =
      fits ? nullptr : make_block(std::max({2 * block_->capacity, size + room, first_capacity}));
  Block& to = fits ? *block_ : *larger;
  std::memmove(to.memory(), block_->memory() + block_->begin, size);
  to.begin = 0;
  to.end = size;
  if (!fits) {
    block_ = std::move(larger);
  }
}

void ReadBuffer::received(std::size_t count) {
  block_->end += count;
  if (block_->size() == 0) {
    block_.reset();
  }
}

void ReadBuffer::consume(std::size_t count) {
  check(count <= bytes().size(), "what is consumed has been received");
  if (count == 0) {
    return;
  }
  block_->begin += count;
  if (block_->size() == 0) {
    block_.reset();
  }
}

std::size_t ReadBuffer::take(Bytes into) {
  const ConstBytes all = bytes();
  const std::size_t size = std::min(into.size(), all.size());
  if (size != 0) {
    std::memcpy(into.data(), all.data(), size);
    consume(size);
  }
  return size;
}

void ReadBuffer::append(ConstBytes bytes) {
  if (!bytes.empty()) {
    std::memcpy(make_room(bytes.size()).data(), bytes.data(), bytes.size());
    received(bytes.size());
  }
}

}  // namespace rehearsal::sched
