#include "simnet/kernel/late_timers.hpp"

#include <chrono>

#include "sched/core/task_record.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

[[gnu::hot]] void LateTimers::fire_due(const Kernel& kernel, sched::Timers& timers,
                                       sched::Instant now) {
  while (timers.next() <= now) {
    const sched::Duration late = lateness(kernel, *timers.first());
    if (late == sched::Duration::zero()) [[likely]] {
      timers.fire_first();
    } else {
      timers.put_off_first(now + late);
    }
  }
}

bool LateTimers::puts_off(const Kernel& kernel, sched::Timers& timers, sched::Timer& timer) {
  const sched::Duration late = lateness(kernel, timer);
  if (late == sched::Duration::zero()) {
    return false;
  }
  timer.unset();
  timers.set(timer, kernel.now() + late);
  return true;
}

[[gnu::always_inline]] inline sched::Duration LateTimers::lateness(const Kernel& kernel,
                                                                   const sched::Timer& timer) {
  const sched::TaskRecord* task = sched::Timers::woken_by(timer);
  if (task == nullptr || task->state() != sched::TaskState::waiting) {
    return {};
  }
  const std::uint32_t wait = task->times_ready();
  if (const std::uint32_t* last = late_.find(task->key()); last != nullptr && *last == wait + 1) {
    return {};
  }
  const Choice late = kernel.fabric().choices.choose(
      Site::timer, task->key(), wait, UINT32_MAX, [&] { return task->path(); },
      [&] { return Subject{kernel.number(), kernel.at()}; });
  if (late.deviates()) [[unlikely]] {
    late_[task->key()] = wait + 1;
  }
  return std::chrono::microseconds(late.matters());
}

}  // namespace rehearsal::simnet
