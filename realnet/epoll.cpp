#include "realnet/epoll.hpp"

#include <sys/syscall.h>
#include <unistd.h>

#include <limits>

#include "realnet/system_call.hpp"

template class rehearsal::sched::Scheduler<rehearsal::realnet::Epoll>;
template class rehearsal::sched::Host<rehearsal::realnet::Epoll>;
template class rehearsal::sched::Listener<rehearsal::realnet::Epoll>;
template class rehearsal::sched::Stream<rehearsal::realnet::Epoll>;
template class rehearsal::sched::Datagram<rehearsal::realnet::Epoll>;
template class rehearsal::sched::Signals<rehearsal::realnet::Epoll>;

namespace rehearsal::realnet {

using sched::Deadline;
using sched::Descriptor;
using sched::Direction;
using sched::Readiness;
using sched::ReadyList;
using sched::Result;
using sched::Wake;

namespace {

Readiness readiness_of(std::uint32_t events) {
  const auto when = [events](std::uint32_t bits, Readiness what) {
    return (events & bits) != 0 ? what : Readiness::none;
  };
  return when(EPOLLIN, Readiness::recv) | when(EPOLLOUT, Readiness::send) |
         when(EPOLLPRI, Readiness::urgent) | when(EPOLLHUP | EPOLLRDHUP, Readiness::hang_up) |
         when(EPOLLERR, Readiness::error);
}

// Returns whole milliseconds, rounded up. A time that does not fit is waited for in parts.
int milliseconds(const timespec& left) {
  constexpr std::int64_t most = std::numeric_limits<int>::max();
  if (left.tv_sec >= most / 1000) {
    return most;
  }
  return static_cast<int>(left.tv_sec * 1000 + (left.tv_nsec + 999'999) / 1'000'000);
}

// By number, because C libraries older than glibc 2.35 have no function for it.
int wait_nanoseconds([[maybe_unused]] Descriptor epoll, [[maybe_unused]] epoll_event* events,
                     [[maybe_unused]] int size, [[maybe_unused]] const timespec* left) {
#ifdef SYS_epoll_pwait2
  return static_cast<int>(::syscall(SYS_epoll_pwait2, epoll, events, size, left, nullptr, 0));
#else
  errno = ENOSYS;
  return -1;
#endif
}

}  // namespace

Epoll::Epoll(EpollOptions options)
    : epoll_(::epoll_create1(EPOLL_CLOEXEC)), nanosecond_timeouts_(options.nanosecond_timeouts) {
  if (epoll_ < 0) {
    sched::throw_error(last_error(), "epoll_create1");
  }
}

Epoll::~Epoll() { ::close(epoll_); }

Result<> Epoll::add(Descriptor descriptor) {
  epoll_event event{};
  event.events = EPOLLIN | EPOLLOUT | EPOLLRDHUP | EPOLLPRI | EPOLLET;
  event.data.fd = descriptor;
  if (::epoll_ctl(epoll_, EPOLL_CTL_ADD, descriptor, &event) < 0) {
    return last_error();
  }
  ++registrations_;
  const auto at = static_cast<std::size_t>(descriptor);
  if (at >= states_.size()) {
    states_.resize(at + 1);
  }
  states_[at].registered = true;
  return {};
}

Wake Epoll::wait(Deadline until, ReadyList& ready) {
  if (watches_ == 0) {
    if (until == sched::never) {
      return Wake::quiescent;
    }
    // A change that no task waits for stays in the kernel.
    if (known_past(until)) {
      return Wake::deadline;
    }
  }
  for (;;) {
    const int found = ask(until);
    if (found > 0) {
      for (std::size_t i = 0; i < static_cast<std::size_t>(found); ++i) {
        ready.push_back({events_[i].data.fd, readiness_of(events_[i].events)});
      }
      return Wake::ready;
    }
    if (found == 0) {
      if (known_past(until) || until <= now()) {
        return Wake::deadline;
      }
    } else if (errno != EINTR) {
      sched::throw_error(last_error(), "epoll_wait");
    }
  }
}

// Waits once, for the time that is left.
int Epoll::ask(Deadline until) {
  const auto left = time_left(until);
  const bool blocks_for_a_time = left && (left->tv_sec != 0 || left->tv_nsec != 0);
  const int size = static_cast<int>(events_.size());
  if (blocks_for_a_time && nanosecond_timeouts_) {
    const int found = wait_nanoseconds(epoll_, events_.data(), size, &*left);
    if (found >= 0 || errno != ENOSYS) {
      return found;
    }
    nanosecond_timeouts_ = false;
  }
  return ::epoll_wait(epoll_, events_.data(), size, left ? milliseconds(*left) : -1);
}

void Epoll::forget(Descriptor descriptor) {
  unwatch(descriptor, Direction::recv);
  unwatch(descriptor, Direction::send);
  const auto at = static_cast<std::size_t>(descriptor);
  if (at < states_.size()) {
    states_[at].registered = false;
  }
}

void Epoll::close(Descriptor descriptor) {
  forget(descriptor);
  RealNetwork::close(descriptor);
}

void Epoll::abort(Descriptor descriptor) {
  forget(descriptor);
  RealNetwork::abort(descriptor);
}

}  // namespace rehearsal::realnet
