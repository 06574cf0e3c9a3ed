// Signals of the process, as readiness: a task waits for the next one.
#pragma once

#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

template <Network Net>
class Signals : public Socket<Net> {
 public:
  // Takes over what Network::signals gave.
  Signals(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::recv) {}

  // int number = co_await next(): the next signal that has come, SIGTERM for example.
  // Cancelled, it leaves the signal for the next call.
  Task<int> next();
};

// Implementation.

template <Network Net>
Task<int> Signals<Net>::next() {
  SocketCall call(this->scheduler(), this->handle(), Direction::recv,
                  [](Net& net, Descriptor descriptor) { return net.next_signal(descriptor); });
  const Result<int> number = co_await call;
  if (!number.ok()) {
    throw_error(number.error(), "wait for a signal");
  }
  co_return number.value();
}

}  // namespace rehearsal::sched
