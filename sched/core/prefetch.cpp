#include "sched/core/prefetch.hpp"

#include "sched/core/task.hpp"
#include "sched/core/task_record.hpp"
#include "sched/core/timers.hpp"
#include "sched/core/waiter.hpp"

namespace rehearsal::sched {

[[gnu::hot]] void Prefetch::timer(const Timer& timer) {
  // For a frame that sleeps: what its task uses when it continues is stored before the timer.
  constexpr std::size_t before = 144;
  constexpr std::size_t after = 40;
  bytes(reinterpret_cast<const char*>(&timer) - before, before + after);
}

// A turn uses the first line of a record.
[[gnu::hot]] void Prefetch::task(const Waiter& waiter) { bytes(waiter.task(), 64); }
[[gnu::hot]] void Prefetch::woken(const Timer& timer) { bytes(timer.wakes(), 64); }

[[gnu::hot]] void Prefetch::frame(const Waiter& waiter, int up) {
  const PromiseBase* frame = waiter.task()->leaf_;
  for (int i = 0; i < up && frame != nullptr; ++i) {
    frame = frame->parent();
  }
  if (frame == nullptr) {
    return;
  }
  // A frame begins with two pointers and the promise. What a task uses when it continues is near
  // its waiter, and near the beginning of its callers' frames.
  constexpr std::ptrdiff_t near = 320;
  const auto* from = reinterpret_cast<const char*>(frame) - 2 * sizeof(void*);
  const auto* to = (up == 0 ? reinterpret_cast<const char*>(&waiter) : from) + near;
  bytes(from, static_cast<std::size_t>(to - from));
}

}  // namespace rehearsal::sched
