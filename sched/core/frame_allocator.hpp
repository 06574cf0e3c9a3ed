// Memory of coroutine frames and task records: freed blocks are kept, by size and per thread, for
// the next of their size. Built with REHEARSAL_FRAME_RECYCLING=0 every block comes from the heap
// and goes back to it, so that sanitizers see each frame.
#pragma once

#include <cstddef>

namespace rehearsal::sched {

[[nodiscard]] void* allocate_frame(std::size_t bytes);
// `bytes` is what allocate_frame was given. Any thread may free a block.
void free_frame(void* block, std::size_t bytes) noexcept;

// How many blocks of this thread are in use: what a test counts to see that no frame stays behind.
[[nodiscard]] std::ptrdiff_t frames_in_use();

}  // namespace rehearsal::sched
