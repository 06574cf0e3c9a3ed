// BufferedRead: a read of a socket that receives into a ReadBuffer until Derived::look() finds what
// it wants there. If it is cancelled or fails, the received bytes stay in the buffer.
#pragma once

#include <cstddef>

#include "sched/io/read_buffer.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

// Derived has `bool look()`, which returns true if the buffer holds what it wants. It may have a
// `room()` of its own, which returns where the next receive stores its bytes.
template <Network Net, class Derived>
class BufferedRead : public SocketOperation<Net, Derived> {
 public:
  [[nodiscard]] bool at_hand() { return static_cast<Derived*>(this)->look(); }
  Step step(Net& net, Descriptor descriptor) {
    if (at_hand()) {
      return Step::done;
    }
    const Bytes room = static_cast<Derived*>(this)->room();
    const Result<std::size_t> received = net.recv(descriptor, room);
    buffer_.received(received.ok() ? received.value() : 0);
    if (!received.ok()) {
      if (received.error() == would_block) {
        return Step::blocked;
      }
      this->error_ = received.error();
      return Step::done;
    }
    if (received.value() == 0) {
      return Step::done;
    }
    if (received.value() < room.size()) {
      this->scheduler().handles().short_receive(*this);
    }
    return at_hand() ? Step::done : Step::again;
  }

 protected:
  BufferedRead(BufferedRead&&) noexcept = default;  // only before it is awaited
  ~BufferedRead() = default;
  BufferedRead(Scheduler<Net>& scheduler, Handle handle, ReadBuffer& buffer)
      : SocketOperation<Net, Derived>(scheduler, handle, Direction::recv), buffer_(buffer) {}

  [[nodiscard]] ReadBuffer& buffer() const { return buffer_; }
  [[nodiscard]] Bytes room() { return buffer_.make_room(); }

 private:
  ReadBuffer& buffer_;
};

}  // namespace rehearsal::sched
