// LateTimers: the timers of one host's program that fire late (Site::timer).
//
// The choice is made once in each wait of a task, of the first timer that would end the wait. Its
// ordinal is that of the wait. A timer that is put off is due once more in the same wait, unless
// something else has ended the wait, and then fires.
#pragma once

#include <cstdint>

#include "sched/base/key_table.hpp"
#include "sched/core/timers.hpp"

namespace rehearsal::simnet {

class Kernel;

class LateTimers {
 public:
  // Fires the timers that are due at `now`, in their order, and puts off those that are late.
  void fire_due(const Kernel& kernel, sched::Timers& timers, sched::Instant now);
  // Puts off `timer`, which is due now, if it is late. Returns whether it is. For runs that are
  // steered.
  bool puts_off(const Kernel& kernel, sched::Timers& timers, sched::Timer& timer);

 private:
  [[nodiscard]] sched::Duration lateness(const Kernel& kernel, const sched::Timer& timer);

  KeyTable<std::uint32_t> late_;  // by task: the last wait whose timer was late, plus 1
};

}  // namespace rehearsal::simnet
