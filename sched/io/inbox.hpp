// Inbox: messages that other threads of the process post to this host.
#pragma once

#include <string>
#include <utility>

#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

/// Messages that other threads of the process post to this host. See Host::inbox.
template <Network Net>
class Inbox : public Socket<Net> {
 public:
  /// Takes ownership of the descriptor that Network::inbox returned.
  Inbox(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::recv) {}

  /// Returns the next message, in the order of posting: `Message message = co_await inbox.recv()`.
  /// Throws std::system_error: operation_canceled if the inbox is closed during the wait,
  /// bad_file_descriptor if it was closed before, device_or_resource_busy if another task waits
  /// already. If cancelled, leaves the message for the next call.
  Task<Message> recv();
};

// Implementation.

template <Network Net>
Task<Message> Inbox<Net>::recv() {
  SocketCall call(this->scheduler(), this->handle(), Direction::recv,
                  [](Net& net, Descriptor descriptor) { return net.next_message(descriptor); });
  Result<Message> message = co_await call;
  if (!message.ok()) {
    throw_error(message.error(), "receive from an inbox");
  }
  co_return std::move(message.value());
}

}  // namespace rehearsal::sched
