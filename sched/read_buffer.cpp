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

Bytes ReadBuffer::make_room() {
  if (block_ == nullptr) {
    block_ = make_block(first_capacity);
  } else if (block_->capacity - block_->end < block_->capacity / 4) {
    const std::size_t size = block_->size();
    BlockPointer larger =
        size > block_->capacity / 2 ? make_block(2 * block_->capacity) : BlockPointer();
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

void ReadBuffer::put_back(ConstBytes bytes) {
  check(empty(), "what is put back was taken last");
  if (bytes.empty()) {
    return;
  }
  block_ = make_block(std::max(first_capacity, bytes.size()));
  std::memcpy(block_->memory(), bytes.data(), bytes.size());
  block_->end = bytes.size();
}

}  // namespace rehearsal::sched
