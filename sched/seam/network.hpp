// Network: the interface between a program and its environment. A network is an event source
// (source.hpp) plus the calls of one host's kernel. Its calls never block: a call that would have
// to wait returns would_block, and the caller waits for readiness and calls again.
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

/// Memory that a call writes to.
using Bytes = std::span<std::byte>;
/// Memory that a call reads from.
using ConstBytes = std::span<const std::byte>;

/// Returns a copy of the bytes as a string.
inline std::string as_text(ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

/// Several buffers that are sent as if they were one; at most max_pieces.
using Pieces = std::span<const ConstBytes>;
/// Maximum number of buffers in one send.
inline constexpr std::size_t max_pieces = 16;

/// A connection that was accepted; its descriptor belongs to the caller.
struct Accepted {
  Descriptor descriptor = -1;
  Endpoint peer;
};

/// A connection that is being made. If `in_progress`, its outcome is known when the socket becomes
/// ready to send; call connected() then.
struct Connecting {
  Descriptor descriptor = -1;
  bool in_progress = false;
};

/// A datagram: `size` bytes were stored of its `full_size` bytes.
struct Received {
  /// Number of bytes that were stored.
  std::size_t size = 0;
  /// Length of the datagram in bytes.
  std::size_t full_size = 0;
  /// The sender.
  Endpoint from;

  /// Returns true if the datagram did not fit; the rest of it is lost.
  [[nodiscard]] bool truncated() const { return full_size > size; }
};

/// A message of an inbox.
using Message = std::vector<std::byte>;

/// The interface between a program and its environment: an event source plus the calls of one
/// host's kernel. Every descriptor is non-blocking, closed on exec, and owned by the caller until
/// close or abort.
///
/// A Unix endpoint (Endpoint::is_unix) makes it a socket of unix(7), as Linux has it.
///
/// - `listen` opens a listener: TCP with SO_REUSEADDR, or Unix.
/// - `accept` accepts one connection: TCP with TCP_NODELAY and SO_OOBINLINE, or Unix.
/// - `connect` begins a connection with the same options. A Unix socket connects at once, or fails:
///   with would_block if the backlog is full.
/// - `connected` returns the outcome of a connection: ok once it is established,
///   would_block before.
/// - `recv` receives; 0 bytes mean that the peer has finished sending.
/// - `send` sends some of the bytes of the pieces, in order; it never raises SIGPIPE.
/// - `shutdown_send` sends a FIN after the data; it succeeds even if the peer has disconnected.
/// - `close` sends a FIN, or a RST if received data is unread.
/// - `abort` sends a RST, for a connection that could not be finished. Unix sockets have no RST: it
///   closes them.
/// - `set_options` sets options of a connection; invalid_argument if they are not valid(). A Unix
///   socket ignores those of TCP.
/// - `bind` opens a datagram socket, UDP or Unix.
/// - `set_peer` sets the only endpoint that a UDP socket sends to and receives from. If no socket
///   is bound there, a later call returns connection_refused, once for each refused datagram.
///   `send` sends to this endpoint only. The peer of a Unix socket is looked up at once.
/// - `recv_from`, `send_to` receive or send one datagram. A Unix `send_to` does not wait for the
///   receiver: it returns no_buffer_space while there is no room. `send` to a peer waits.
/// - `local`, `peer` return the endpoints of a socket.
/// - `connection_name` returns the name that both ends use for a connection; it names the task that
///   serves it.
/// - `resolve` begins a name resolution; its descriptor is readable once `resolved` has the answer.
/// - `signals` takes over signals: readable when one of `numbers` has arrived; `next_signal` takes
///   one. Until the descriptor is closed, these signals have no default effect.
/// - `inbox` opens an inbox: readable when another thread has posted to `name`; `next_message`
///   takes one message.
/// - `start_blocking` runs `work` on another thread; readable when it has returned. `work` owns
///   what it uses and does not throw.
/// - `wall_clock` returns the wall-clock time, which may jump.
/// - `random` returns unpredictable bits.
/// - `choose` returns a number below `outcomes`: 0, unless a simulation chooses another.
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
      { n.wall_clock() } -> std::same_as<WallTime>;
      { n.random() } -> std::same_as<std::uint64_t>;
      { n.choose(name, outcomes) } -> std::same_as<std::uint32_t>;
    };

}  // namespace rehearsal::sched
