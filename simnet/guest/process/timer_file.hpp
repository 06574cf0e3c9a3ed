// TimerFile: the object of timerfd_create(2).
#pragma once

#include <cstdint>
#include <ctime>

#include "sched/core/executor.hpp"
#include "simnet/guest/process/description.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

class TimerFile final : public Description, private sched::Timer {
 public:
  // `key` tells it from the other timers of its host. `clock` is CLOCK_REALTIME or another one.
  TimerFile(Kernel& kernel, sched::Executor& executor, std::uint64_t key, int clock)
      : kernel_(kernel), executor_(executor), key_(key), clock_(clock) {}

  // timerfd_settime(2) and timerfd_gettime(2).
  CallResult set(int flags, const itimerspec& value, itimerspec* before);
  void get(itimerspec& value);
  CallResult read(sched::Bytes into) override;
  [[nodiscard]] Events events() override;

 private:
  void fire() override;
  [[nodiscard]] std::uint64_t timer_key() const override { return key_; }

  Kernel& kernel_;
  sched::Executor& executor_;
  std::uint64_t key_;
  int clock_;
  sched::Instant next_ = sched::never;
  sched::Duration interval_{};
  std::uint64_t expirations_ = 0;
};

}  // namespace rehearsal::simnet
