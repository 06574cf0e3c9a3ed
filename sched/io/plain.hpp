// Plain: the layer of a Stream that adds nothing: the bytes of the program are those of the
// connection.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/seam/network.hpp"

namespace rehearsal::sched {

class Plain {
 public:
  // What a send remembers from one call to the next.
  struct UnderWay {};
  // Whether close() has something to do.
  static constexpr bool closes = false;

  // Receives at least one byte. Returns 0 if the peer has finished sending.
  template <Network Net>
  static Result<std::size_t> recv(Net& net, Descriptor descriptor, Bytes into) {
    return net.recv(descriptor, into);
  }
  // Returns true if recv() can return bytes without a call of the network.
  [[nodiscard]] static bool at_hand() { return false; }
  // Returns true if the last recv(), of `size` bytes into `room`, has left nothing in the kernel.
  [[nodiscard]] static bool drained(std::size_t size, std::size_t room) {
    return size != 0 && size < room;
  }
  // Sends some bytes. Returns how many, and adds those that are committed to `bytes_sent`.
  template <Network Net>
  [[gnu::always_inline]] static Result<std::size_t> send(Net& net, Descriptor descriptor,
                                                         Pieces from, UnderWay& /*under_way*/,
                                                         std::uint64_t& bytes_sent) {
    const Result<std::size_t> sent = net.send(descriptor, from);
    bytes_sent += sent.value();  // 0 if it failed
    return sent;
  }
  // Throws the failure of the layer itself, if `error` stands for one.
  static void throw_own(std::errc /*error*/, const char* /*what*/, const Endpoint& /*peer*/) {}
};

/// See stream.hpp.
template <Network Net, class Layer = Plain>
class Stream;

}  // namespace rehearsal::sched
