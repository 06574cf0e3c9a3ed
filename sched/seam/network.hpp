// The second half of the seam: a network is a source plus one host's kernel. Its calls never block;
// where they would, they give would_block, and the caller waits for readiness and calls again.
#pragma once

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/seam/endpoint.hpp"
#include "sched/seam/result.hpp"
#include "sched/seam/socket_options.hpp"
#include "sched/seam/source.hpp"

namespace rehearsal::sched {

using Bytes = std::span<std::byte>;
using ConstBytes = std::span<const std::byte>;

inline std::string as_text(ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Several pieces that are sent as if they were one. At most max_pieces.
using Pieces = std::span<const ConstBytes>;
inline constexpr std::size_t max_pieces = 16;

struct Accepted {
  Descriptor descriptor = -1;
  Endpoint peer;
};

// A connection being made: the answer may be there at once, or when the socket becomes ready to
// send.
struct Connecting {
  Descriptor descriptor = -1;
  bool in_progress = false;
};

// A datagram: `size` bytes were stored of `full_size` that it had.
struct Received {
  std::size_t size = 0;
  std::size_t full_size = 0;
  Endpoint from;

  [[nodiscard]] bool truncated() const { return full_size > size; }
};

using Message = std::vector<std::byte>;

// Every descriptor is non-blocking, closed on exec, and owned by the caller until close or abort.
//   listen        a TCP listener, SO_REUSEADDR on
//   accept        one connection, TCP_NODELAY and SO_OOBINLINE on
//   connect       begins a connection, with the same options
//   connected     what has become of a connection being made: ok once it stands, would_block before
//   recv          0 bytes: the peer has finished sending
//   send          some of the bytes of the pieces, in order; never raises SIGPIPE
//   shutdown_send a FIN after what was sent; ok too where the peer is gone already
//   close         a FIN, or a RST where received data is unread
//   abort         a RST, for a connection that could not be finished
//   set_options   of a TCP connection; invalid_argument where they are not valid()
//   bind          a UDP socket
//   set_peer      from now on a UDP socket sends to and receives from this endpoint alone; send
//                 takes no other. Where nobody has its port, a later call gives
//                 connection_refused, once for each datagram that was refused
//   recv_from, send_to   one datagram
//   local, peer   the endpoints of a socket
//   connection_name  what both ends call this connection; names the task that serves it
//   resolve       begins to look up a name: readable once `resolved` has the answer
//   signals       readable when one of `numbers` has come; next_signal takes one. Until the
//   descriptor is
//                 closed those signals no longer have their default effect
//   inbox         readable when another thread has posted to `name`; next_message takes one message
//   start_blocking  runs `work` on a thread of its own; readable when it has returned. `work` owns
//   what it
//                 uses and does not throw
//   random        unpredictable bits
//   choose        a number below `outcomes`, 0 unless rehearsed
template <class N>
concept Network =
    Source<N> &&
    requires(N n, Descriptor d, const Endpoint& at, const ListenOptions& listening, Bytes into,
             const StreamOptions& of_stream, const BindOptions& binding, ConstBytes from,
             Pieces pieces, std::string_view name, std::span<const int> numbers,
             std::function<void()> work, std::uint32_t outcomes) {
      { n.listen(at, listening) } -> std::same_as<Result<Descriptor>>;
      { n.accept(d) } -> std::same_as<Result<Accepted>>;
      { n.connect(at) } -> std::same_as<Result<Connecting>>;
      { n.connected(d) } -> std::same_as<Result<>>;
      { n.recv(d, into) } -> std::same_as<Result<std::size_t>>;
      { n.send(d, pieces) } -> std::same_as<Result<std::size_t>>;
      { n.shutdown_send(d) } -> std::same_as<Result<>>;
      n.close(d);
      n.abort(d);
      { n.set_options(d, of_stream) } -> std::same_as<Result<>>;
      { n.bind(at, binding) } -> std::same_as<Result<Descriptor>>;
      { n.set_peer(d, at) } -> std::same_as<Result<>>;
      { n.recv_from(d, into) } -> std::same_as<Result<Received>>;
      { n.send_to(d, from, at) } -> std::same_as<Result<std::size_t>>;
      { n.local(d) } -> std::same_as<Result<Endpoint>>;
      { n.peer(d) } -> std::same_as<Result<Endpoint>>;
      { n.connection_name(d) } -> std::same_as<std::string>;
      { n.resolve(name) } -> std::same_as<Result<Descriptor>>;
      { n.resolved(d) } -> std::same_as<Result<std::vector<Endpoint>>>;
      { n.signals(numbers) } -> std::same_as<Result<Descriptor>>;
      { n.next_signal(d) } -> std::same_as<Result<int>>;
      { n.inbox(name) } -> std::same_as<Result<Descriptor>>;
      { n.next_message(d) } -> std::same_as<Result<Message>>;
      { n.start_blocking(std::move(work)) } -> std::same_as<Result<Descriptor>>;
      { n.random() } -> std::same_as<std::uint64_t>;
      { n.choose(name, outcomes) } -> std::same_as<std::uint32_t>;
    };

}  // namespace rehearsal::sched
