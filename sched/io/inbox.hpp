// Inbox: messages that other threads of the process post to this host.
#pragma once

#include <string>
#include <utility>

#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

template <Network Net>
class Inbox : public Socket<Net> {
 public:
  // Takes over what Network::inbox gave.
  Inbox(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::recv) {}

  // Message message = co_await recv(): the next one, in the order of posting.
  // Cancelled, it leaves the message for the next call.
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
