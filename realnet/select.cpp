#include "realnet/select.hpp"

#include <fcntl.h>

#include <algorithm>
#include <bit>

#include "realnet/system_call.hpp"

template class rehearsal::sched::Scheduler<rehearsal::realnet::Select>;
template class rehearsal::sched::Host<rehearsal::realnet::Select>;
template class rehearsal::sched::Listener<rehearsal::realnet::Select>;
template class rehearsal::sched::Stream<rehearsal::realnet::Select>;
template class rehearsal::sched::Datagram<rehearsal::realnet::Select>;
template class rehearsal::sched::Signals<rehearsal::realnet::Select>;

namespace rehearsal::realnet {

using sched::Deadline;
using sched::Descriptor;
using sched::Direction;
using sched::Readiness;
using sched::ReadyList;
using sched::Wake;

Wake Select::wait(Deadline until, ReadyList& ready) {
  if (receivers_ + senders_ == 0) {
    if (until == sched::never) {
      return Wake::quiescent;
    }
    if (known_past(until)) {
      return Wake::deadline;
    }
  }
  for (;;) {
    const int found = ask(until);
    if (found > 0) {
      collect(found, ready);
      return Wake::ready;
    }
    if (found == 0) {
      if (known_past(until) || until <= now()) {
        return Wake::deadline;
      }
    } else if (errno == EBADF) {
      const std::size_t before = ready.size();
      collect_closed(ready);
      if (ready.size() != before) {
        return Wake::ready;
      }
    } else if (errno != EINTR) {
      sched::throw_error(last_error(), "select");
    }
  }
}

// Calls select() once, with the time that is left.
int Select::ask(Deadline until) {
  while (words_ != 0 && (watched_.recv[words_ - 1] | watched_.send[words_ - 1]) == 0) {
    --words_;
  }
  const auto native = [this](const Set& from, Set& to) {
    std::copy_n(from.begin(), words_, to.begin());
    return reinterpret_cast<fd_set*>(to.data());
  };
  // The kernel skips a null set, and most servers rarely wait to send.
  fd_set* recv = receivers_ == 0 ? nullptr : native(watched_.recv, found_.recv);
  fd_set* urgent = receivers_ == 0 ? nullptr : native(watched_.recv, urgent_);
  fd_set* send = senders_ == 0 ? nullptr : native(watched_.send, found_.send);
  const auto count = static_cast<int>(words_ * word_bits);
  const auto left = time_left(until);
  return left ? ::pselect(count, recv, send, urgent, &*left, nullptr)
              : ::select(count, recv, send, urgent, nullptr);
}

void Select::collect(int found, ReadyList& ready) const {
  const bool receiving = receivers_ != 0;
  const bool sending = senders_ != 0;
  for (std::size_t index = 0; found > 0; ++index) {
    const Word recv = receiving ? found_.recv[index] : 0;
    const Word urgent = receiving ? urgent_[index] : 0;
    const Word send = sending ? found_.send[index] : 0;
    found -= std::popcount(recv) + std::popcount(urgent) + std::popcount(send);
    for (Word left = recv | urgent | send; left != 0; left &= left - 1) {
      const auto at = static_cast<unsigned>(std::countr_zero(left));
      const auto shown = (recv >> at & 1U) * static_cast<unsigned>(Readiness::recv) |
                         (send >> at & 1U) * static_cast<unsigned>(Readiness::send) |
                         (urgent >> at & 1U) * static_cast<unsigned>(Readiness::urgent);
      ready.push_back(
          {static_cast<Descriptor>(index * word_bits + at), static_cast<Readiness>(shown)});
    }
  }
}

void Select::collect_closed(ReadyList& ready) const {
  for (Descriptor descriptor = 0; descriptor < limit; ++descriptor) {
    const std::size_t index = word_of(descriptor);
    if (((watched_.recv[index] | watched_.send[index]) & bit_of(descriptor)) != 0 &&
        ::fcntl(descriptor, F_GETFD) < 0) {
      ready.push_back({descriptor, Readiness::error});
    }
  }
}

void Select::close(Descriptor descriptor) {
  unwatch(descriptor, Direction::recv);
  unwatch(descriptor, Direction::send);
  RealNetwork::close(descriptor);
}

void Select::abort(Descriptor descriptor) {
  unwatch(descriptor, Direction::recv);
  unwatch(descriptor, Direction::send);
  RealNetwork::abort(descriptor);
}

}  // namespace rehearsal::realnet
