#include "simnet/guest/process/timer_file.hpp"

#include <sys/epoll.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cstring>

#include "simnet/guest/process/time_value.hpp"

namespace rehearsal::simnet {

CallResult TimerFile::set(int flags, const itimerspec& value, itimerspec* before) {
  if (!is_valid(value.it_value) || !is_valid(value.it_interval)) {
    return -EINVAL;
  }
  if (before != nullptr) {
    get(*before);
  }
  unset();
  expirations_ = 0;
  interval_ = duration_of(value.it_interval);
  const sched::Duration after = duration_of(value.it_value);
  if (after == sched::Duration::zero()) {
    next_ = sched::never;
    return 0;
  }
  if ((flags & TFD_TIMER_ABSTIME) != 0) {
    const auto epoch = clock_ == CLOCK_REALTIME ? kernel_.fabric().epoch.time_since_epoch()
                                                : sched::Duration::zero();
    next_ = sched::Instant(after - epoch);
  } else {
    next_ = sched::after(kernel_.now(), after);
  }
  executor_.timers().set(*this, next_);
  return 0;
}

void TimerFile::get(itimerspec& value) {
  value.it_interval = timespec_of(interval_);
  value.it_value = next_ == sched::never
                       ? timespec{}
                       : timespec_of(std::max(next_ - kernel_.now(), sched::Duration{1}));
}

void TimerFile::fire() {
  ++expirations_;
  if (interval_ == sched::Duration::zero()) {
    next_ = sched::never;
  } else {
    const auto missed = static_cast<std::uint64_t>(
        std::max(kernel_.now() - next_, sched::Duration::zero()) / interval_);
    expirations_ += missed;
    next_ += interval_ * static_cast<std::int64_t>(missed + 1);
    executor_.timers().set(*this, next_);
  }
  changed(EPOLLIN);
}

CallResult TimerFile::read(sched::Bytes into) {
  if (into.size() < sizeof expirations_) {
    return -EINVAL;
  }
  if (expirations_ == 0) {
    return -EAGAIN;
  }
  std::memcpy(into.data(), &expirations_, sizeof expirations_);
  expirations_ = 0;
  return sizeof expirations_;
}

Events TimerFile::events() { return expirations_ != 0 ? EPOLLIN : 0U; }

}  // namespace rehearsal::simnet
