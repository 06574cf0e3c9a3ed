#include "sched/core/frame_allocator.hpp"

#include <array>
#include <cstdint>
#include <new>

#ifndef REHEARSAL_FRAME_RECYCLING
#define REHEARSAL_FRAME_RECYCLING 1
#endif

namespace rehearsal::sched {
namespace {

constexpr std::size_t granule = 16;
constexpr std::size_t largest_recycled = 4096;
constexpr std::size_t size_classes = largest_recycled / granule + 1;
// How much a size class keeps when its tasks are gone. Further blocks return to the heap.
constexpr std::size_t kept_bytes_per_class = std::size_t{1} << 20;

struct FreeBlock {
  FreeBlock* next;
};

struct SizeClass {
  FreeBlock* first = nullptr;
  std::size_t kept = 0;
};

struct Pool {
  std::array<SizeClass, size_classes> classes;
  std::ptrdiff_t in_use = 0;
  bool ended = false;

  Pool() = default;
  Pool(const Pool&) = delete;
  Pool& operator=(const Pool&) = delete;
  ~Pool() {
    ended = true;
    for (SizeClass& size_class : classes) {
      while (size_class.first != nullptr) {
        FreeBlock* block = size_class.first;
        size_class.first = block->next;
        ::operator delete(block);
      }
    }
  }
};

thread_local Pool pool;  // NOLINT(*-non-const-global-variables)

// The heap puts 8 bytes before each block and aligns to 16, so sizes of 16 n + 8 leave no gap.
constexpr std::size_t class_of(std::size_t bytes) { return (bytes + 7) / granule; }
constexpr std::size_t bytes_of(std::size_t index) { return index * granule + 8; }
constexpr bool recycled(std::size_t bytes) {
  return REHEARSAL_FRAME_RECYCLING != 0 && bytes != 0 && bytes <= largest_recycled;
}

}  // namespace

[[gnu::hot]] void* allocate_frame(std::size_t bytes) {
  Pool& mine = pool;
  ++mine.in_use;
  if (!recycled(bytes)) {
    return ::operator new(bytes);
  }
  const std::size_t index = class_of(bytes);
  SizeClass& size_class = mine.classes[index];
  if (FreeBlock* block = size_class.first; block != nullptr) {
    size_class.first = block->next;
    --size_class.kept;
    return block;
  }
  return ::operator new(bytes_of(index));
}

[[gnu::hot]] void free_frame(void* block, std::size_t bytes) noexcept {
  Pool& mine = pool;
  --mine.in_use;
  if (!recycled(bytes) || mine.ended) {
    ::operator delete(block);
    return;
  }
  const std::size_t index = class_of(bytes);
  SizeClass& size_class = mine.classes[index];
  if ((size_class.kept + 1) * bytes_of(index) > kept_bytes_per_class) {
    ::operator delete(block);
    return;
  }
  size_class.first = ::new (block) FreeBlock{size_class.first};
  ++size_class.kept;
}

std::ptrdiff_t frames_in_use() { return pool.in_use; }

}  // namespace rehearsal::sched
