// Signals of the process, which a task awaits like a socket.
#pragma once

#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

/// Signals of the process, which a task awaits like a socket. See Host::signals.
template <Network Net>
class Signals : public Socket<Net> {
 public:
  /// Takes ownership of the descriptor that Network::signals returned.
  Signals(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::recv) {}

  /// Waits for the next signal: `int number = co_await signals.next()` is SIGTERM, for example.
  /// Throws std::system_error: operation_canceled if the object is closed during the wait,
  /// bad_file_descriptor if it was closed before, device_or_resource_busy if another task waits
  /// already. If cancelled, leaves the signal for the next call.
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
