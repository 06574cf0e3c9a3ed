#include "sched/read_buffer.hpp"

#include <algorithm>
#include <cstring>
#include <new>

#include "sched/check.hpp"

namespace rehearsal::sched {

ReadBuffer::BlockPointer ReadBuffer::make_block(std::size_t capacity) {
  void* memory = ::operator new(sizeof(Block) + capacity);
  return BlockPointer(new (memory) Block{capacity});
}

Bytes ReadBuffer::make_room(std::size_t least) {
  if (block_ == nullptr) {
    block_ = make_block(std::max(first_capacity, least));
  } else if (block_->capacity - block_->end < std::max(block_->capacity / 4, least)) {
    const std::size_t size = block_->size();
    const bool fits = size <= block_->capacity / 2 && least <= block_->capacity - size;
    BlockPointer larger =
        fits ? BlockPointer() : make_block(std::max(2 * block_->capacity, size + least));
    Block& to = larger == nullptr ? *block_ : *larger;
    std::memmove(to.memory(), block_->memory() + block_->begin, size);
    to.begin = 0;
    to.end = size;
    if (larger != nullptr) {
      block_ = std::move(larger);
    }
  }
  return Bytes(block_->memory() + block_->end, block_->capacity - block_->end);
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
