#include "simnet/guest/process/event_counter.hpp"

#include <sys/epoll.h>

#include <cstring>

namespace rehearsal::simnet {

namespace {

constexpr std::uint64_t most = UINT64_MAX - 1;

}  // namespace

CallResult EventCounter::read(sched::Bytes into) {
  if (into.size() < sizeof count_) {
    return -EINVAL;
  }
  if (count_ == 0) {
    return -EAGAIN;
  }
  const std::uint64_t value = is_semaphore_ ? 1 : count_;
  count_ -= value;
  std::memcpy(into.data(), &value, sizeof value);
  changed(EPOLLOUT);
  return sizeof value;
}

CallResult EventCounter::write(sched::Pieces from) {
  std::uint64_t value = 0;
  if (from.empty() || from.front().size() < sizeof value) {
    return -EINVAL;
  }
  std::memcpy(&value, from.front().data(), sizeof value);
  if (value == UINT64_MAX) {
    return -EINVAL;
  }
  if (value > most - count_) {
    return -EAGAIN;
  }
  count_ += value;
  changed(EPOLLIN);
  return sizeof value;
}

Events EventCounter::events() {
  return (count_ != 0 ? EPOLLIN : 0U) | (count_ < most ? EPOLLOUT : 0U);
}

}  // namespace rehearsal::simnet
