// Memory of coroutine frames and task records. Freed blocks are kept, per size and thread, for the
// next request of their size. If built with REHEARSAL_FRAME_RECYCLING=0, every block comes from the
// heap and returns to it, so that sanitizers see each frame.
#pragma once

#include <cstddef>

namespace rehearsal::sched {

[[nodiscard]] void* allocate_frame(std::size_t bytes);
// Frees a block. `bytes` is the size that was passed to allocate_frame. Any thread may call it.
void free_frame(void* block, std::size_t bytes) noexcept;

// Returns how many blocks of this thread are in use. Tests use it to check that no frame leaks.
[[nodiscard]] std::ptrdiff_t frames_in_use();

}  // namespace rehearsal::sched
