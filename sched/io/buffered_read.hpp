// BufferedRead: a read of a socket that receives into a ReadBuffer until Derived::look() finds what
// it wants there. If it is cancelled or fails, the received bytes stay in the buffer.
#pragma once

#include <cstddef>

#include "sched/io/plain.hpp"
#include "sched/io/read_buffer.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

// Derived has `bool look()`, which returns true if the buffer holds what it wants. It may have a
// `room()` of its own, which returns where the next receive stores its bytes.
template <Network Net, class Layer, class Derived>
class BufferedRead : public SocketOperation<Net, Derived> {
 public:
  [[nodiscard]] bool at_hand() { return found() || layer().at_hand(); }
  Step step(Net& net, Descriptor descriptor) {
    if (found()) {
      return Step::done;
    }
    const Bytes room = static_cast<Derived*>(this)->room();
    const Result<std::size_t> received = layer().recv(net, descriptor, room);
    buffer().received(received.ok() ? received.value() : 0);
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
    if (layer().drained(received.value(), room.size())) {
      this->scheduler().handles().short_receive(*this);
    }
    return found() ? Step::done : Step::again;
  }

 protected:
  BufferedRead(BufferedRead&&) noexcept = default;  // only before it is awaited
  ~BufferedRead() = default;
  explicit BufferedRead(Stream<Net, Layer>& stream)
      : SocketOperation<Net, Derived>(stream.scheduler(), stream.handle(), Direction::recv),
        stream_(stream) {}

  [[nodiscard]] ReadBuffer& buffer() const { return stream_.unread_; }
  [[nodiscard]] Layer& layer() const { return stream_.layer_; }
  [[nodiscard]] Bytes room() { return buffer().make_room(); }
  // Throws the error of the read, if it has failed.
  void check_received() const {
    if (this->error_ != std::errc{}) {
      layer().throw_own(this->error_, "receive from", stream_.peer_);
      this->fail("receive from " + stream_.peer_.to_string());
    }
  }

 private:
  [[nodiscard]] bool found() { return static_cast<Derived*>(this)->look(); }

  Stream<Net, Layer>& stream_;
};

}  // namespace rehearsal::sched
