#include "sched/core/frame_allocator.hpp"

#include <algorithm>
#include <cstdint>
#include <cstring>
#include <thread>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#if defined(__SANITIZE_ADDRESS__)
#define REHEARSAL_HAS_ADDRESS_SANITIZER
#elif defined(__has_feature)
#if __has_feature(address_sanitizer)
#define REHEARSAL_HAS_ADDRESS_SANITIZER
#endif
#endif
#ifdef REHEARSAL_HAS_ADDRESS_SANITIZER
#include <sanitizer/asan_interface.h>
#endif

namespace rehearsal::sched {
namespace {

TEST(FrameAllocator, gives_whole_blocks_of_every_size_aligned_for_a_frame) {
  std::vector<std::pair<void*, std::size_t>> blocks;
  for (std::size_t bytes = 1; bytes <= 5000; bytes += 7) {
    void* block = allocate_frame(bytes);
    EXPECT_EQ(reinterpret_cast<std::uintptr_t>(block) % 16, 0U);
    std::memset(block, static_cast<int>(bytes % 251), bytes);
    blocks.emplace_back(block, bytes);
  }
  for (const auto& [block, bytes] : blocks) {
    const auto* first = static_cast<const unsigned char*>(block);
    const auto intact = std::count(first, first + bytes, static_cast<unsigned char>(bytes % 251));
    EXPECT_EQ(static_cast<std::size_t>(intact), bytes);
    free_frame(block, bytes);
  }
}

TEST(FrameAllocator, counts_the_blocks_in_use) {
  const std::ptrdiff_t before = frames_in_use();
  void* small = allocate_frame(100);
  void* large = allocate_frame(100'000);
  EXPECT_EQ(frames_in_use(), before + 2);
  free_frame(small, 100);
  EXPECT_EQ(frames_in_use(), before + 1);
  free_frame(large, 100'000);
  EXPECT_EQ(frames_in_use(), before);
}

#ifdef REHEARSAL_HAS_ADDRESS_SANITIZER
TEST(FrameAllocator, keeps_no_freed_block_from_the_sanitizer) {
  void* block = allocate_frame(2000);
  EXPECT_FALSE(__asan_address_is_poisoned(block));
  free_frame(block, 2000);
  EXPECT_TRUE(__asan_address_is_poisoned(block));
}
#else
using Blocks = std::vector<void*>;

Blocks allocate(std::size_t count, std::size_t bytes) {
  Blocks blocks(count);
  std::ranges::generate(blocks, [bytes] { return allocate_frame(bytes); });
  return blocks;
}
void free_all(const Blocks& blocks, std::size_t bytes) {
  for (void* block : blocks) {
    free_frame(block, bytes);
  }
}
Blocks sorted(Blocks blocks) {
  std::ranges::sort(blocks);
  return blocks;
}

TEST(FrameAllocator, keeps_freed_blocks_for_the_next_of_their_size) {
  const Blocks first = allocate(50, 2000);
  free_all(first, 2000);
  const Blocks of_another_size = allocate(50, 1000);
  const Blocks again = allocate(50, 2000);
  EXPECT_EQ(sorted(again), sorted(first));
  free_all(again, 2000);
  free_all(of_another_size, 1000);
}
#endif

TEST(FrameAllocator, counts_a_block_when_any_thread_frees_it) {
  const std::ptrdiff_t before = frames_in_use();
  void* block = allocate_frame(200);
  std::ptrdiff_t there = 0;
  std::thread([&] {
    free_frame(block, 200);
    there = frames_in_use();
  }).join();
  EXPECT_EQ(there, -1);
  EXPECT_EQ(frames_in_use(), before + 1);
  std::thread([&] { block = allocate_frame(200); }).join();
  free_frame(block, 200);
  EXPECT_EQ(frames_in_use(), before);
}

}  // namespace
}  // namespace rehearsal::sched
