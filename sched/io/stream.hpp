// Stream: one connection, of TCP or of Unix sockets.
#pragma once

#include <array>
#include <concepts>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sched/io/buffered_read.hpp"
#include "sched/io/plain.hpp"
#include "sched/io/read_buffer.hpp"
#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

/// One connection, of TCP or of Unix sockets. One task may receive while another sends. A second
/// task in the same direction fails with std::errc::device_or_resource_busy and does not disturb
/// the first.
///
/// Every operation throws std::system_error: with the network's error (connection_reset,
/// broken_pipe, timed_out, ...), with operation_canceled if the stream is closed during the
/// operation, and with bad_file_descriptor if it was closed before.
///
/// A read that is cancelled or fails loses no byte: what it has received is returned by the next
/// read, of any kind. A cancelled send may have sent some of its bytes; bytes_sent() counts them.
///
/// `Layer` is what is between the bytes of the program and those of the connection: nothing, or
/// TLS (see TlsStream).
template <Network Net, class Layer>
class Stream : public Socket<Net> {
 public:
  class Recv;
  class RecvExactly;
  class RecvUntil;
  class Peek;
  class Send;

  /// Takes ownership of a connected `descriptor`.
  Stream(Scheduler<Net>& scheduler, Descriptor descriptor, const Endpoint& peer)
      : Socket<Net>(scheduler, descriptor, Readiness::recv | Readiness::send), peer_(peer) {}
  /// Takes over the connection of `plain`, and what it has received, with a layer above it.
  Stream(Stream<Net>&& plain, Layer layer)
    requires(!std::same_as<Layer, Plain>)
      : Socket<Net>(std::move(plain)), peer_(plain.peer_), layer_(std::move(layer)) {
    layer_.take_over(plain.unread_);
  }
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;
  /// Closes the connection with a FIN. If the stream is destroyed before its task has completed
  /// (see unwinding()), closes it with a RST, so that the peer cannot take a partial conversation
  /// for a complete one.
  ~Stream() {
    if (unwinding()) {
      abort();
    } else if constexpr (Layer::closes) {
      close();
    }
  }

  /// Receives at least one byte: `std::size_t n = co_await recv(into)`. Returns the number of
  /// bytes, or 0 if the peer has finished sending. `into` must live until then. REQUIRES: `into` is
  /// not empty.
  [[nodiscard]] Recv recv(Bytes into) { return Recv(*this, into); }
  /// Receives at least one byte into characters, such as a char array or a std::string.
  [[nodiscard]] Recv recv(std::span<char> into) { return recv(std::as_writable_bytes(into)); }
  /// Receives until `into` is full: `std::size_t n = co_await recv_exactly(into)`. Returns fewer
  /// bytes than its size only if the peer has finished sending. `into` must live until then.
  [[nodiscard]] RecvExactly recv_exactly(Bytes into) { return RecvExactly(*this, into); }
  /// Receives until `into` is full of characters.
  [[nodiscard]] RecvExactly recv_exactly(std::span<char> into) {
    return recv_exactly(std::as_writable_bytes(into));
  }
  /// Receives up to and including `delimiter`: `std::string line = co_await recv_until(delimiter,
  /// limit)`. Returns the text, without the delimiter only if the peer has finished sending. Throws
  /// message_size if the first `limit` bytes contain no delimiter; those bytes stay for the next
  /// read. `delimiter` must live until then. REQUIRES: `delimiter` is not empty.
  [[nodiscard]] RecvUntil recv_until(std::string_view delimiter, std::size_t limit) {
    return RecvUntil(*this, delimiter, limit);
  }
  /// Waits until at least `least` bytes are received: `ConstBytes bytes = co_await peek(least)`.
  /// Returns all bytes that were received and not consumed; fewer than `least` only if the peer has
  /// finished sending. They stay valid until the next consume() or read. REQUIRES: least > 0.
  [[nodiscard]] Peek peek(std::size_t least) { return Peek(*this, least); }
  /// Drops the first `count` bytes of what peek() returned. The rest does not move. REQUIRES: there
  /// are at least `count` bytes.
  void consume(std::size_t count) { unread_.consume(count); }

  /// Sends at least one byte: `std::size_t n = co_await send(from)`. Returns how many bytes the
  /// kernel accepted, which may be fewer than all. `from` must live until then.
  [[nodiscard]] Send send(ConstBytes from) { return Send(*this, from, false); }
  /// Sends at least one byte of `text`, which must live until then.
  [[nodiscard]] Send send(std::string_view text) { return send(std::as_bytes(std::span(text))); }
  /// Sends all bytes: `co_await send_all(from)`. `from` must live until then.
  [[nodiscard]] Send send_all(ConstBytes from) { return Send(*this, from, true); }
  /// Sends all bytes of several buffers as if they were one. The buffers and the array of them must
  /// live until then. REQUIRES: at most max_pieces buffers.
  [[nodiscard]] Send send_all(Pieces pieces) { return Send(*this, pieces); }
  /// Sends all bytes of `text`, which must live until then.
  [[nodiscard]] Send send_all(std::string_view text) {
    return send_all(std::as_bytes(std::span(text)));
  }

  /// Finishes sending with a FIN. Receiving is still possible. Idempotent.
  /// Throws std::system_error.
  void shutdown_send();
  /// Closes the connection with a FIN, or with a RST if received data is unread. Waiting tasks wake
  /// up with std::errc::operation_canceled. Idempotent.
  void close() {
    if constexpr (Layer::closes) {
      if (this->is_open()) {
        layer_.close(this->network(), this->handle().descriptor);
      }
    }
    Socket<Net>::close();
  }
  /// Closes the connection with a RST, so the peer cannot take the end for a regular one; Unix
  /// sockets, which have none, as by close(). Waiting tasks wake up with
  /// std::errc::operation_canceled. Idempotent.
  void abort();

  /// Sets the options of the connection. Throws std::system_error: invalid_argument if they are
  /// not valid().
  void set_options(const StreamOptions& options);

  /// Returns how many bytes the kernel has accepted, including those of cancelled sends.
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }
  /// Returns the endpoint of the peer.
  [[nodiscard]] const Endpoint& peer() const { return peer_; }
  /// Returns the name that both ends use for this connection, for example as the name of the task
  /// that serves it. Throws std::system_error(bad_file_descriptor) if it is closed.
  [[nodiscard]] std::string name() const {
    this->require_open("name a connection");
    return this->network().connection_name(this->handle().descriptor);
  }

 protected:
  [[nodiscard]] Layer& layer() { return layer_; }
  [[nodiscard]] const Layer& layer() const { return layer_; }

 private:
  friend class Prefetch;
  template <Network, class>
  friend class Stream;
  template <Network, class, class>
  friend class BufferedRead;

  Endpoint peer_;
  std::uint64_t bytes_sent_ = 0;
  ReadBuffer unread_;
  [[no_unique_address]] Layer layer_;
};

template <Network Net, class Layer>
class Stream<Net, Layer>::Recv final : public SocketOperation<Net, Recv> {
 public:
  Recv(Stream& stream, Bytes into)
      : SocketOperation<Net, Recv>(stream.scheduler(), stream.handle(), Direction::recv),
        stream_(stream),
        into_(into) {
    check(!into.empty(), "a receive has room for a byte: 0 bytes mean the end");
  }
  [[nodiscard]] std::size_t await_resume() const {
    if (this->error_ != std::errc{}) {
      stream_.layer_.throw_own(this->error_, "receive from", stream_.peer_);
      this->fail("receive from " + stream_.peer_.to_string());
    }
    return size_;
  }

  [[nodiscard]] bool at_hand() const {
    return !stream_.unread_.empty() || stream_.layer_.at_hand();
  }
  Step step(Net& net, Descriptor descriptor) {
    if (!stream_.unread_.empty()) {
      size_ = stream_.unread_.take(into_);
      return Step::done;
    }
    const Result<std::size_t> received = stream_.layer_.recv(net, descriptor, into_);
    if (!received.ok()) {
      if (received.error() == would_block) {
        return Step::blocked;
      }
      this->error_ = received.error();
      return Step::done;
    }
    size_ = received.value();
    if (stream_.layer_.drained(size_, into_.size())) {
      this->scheduler().handles().short_receive(*this);
    }
    return Step::done;
  }

 private:
  friend class Prefetch;

  Stream& stream_;
  Bytes into_;
  std::size_t size_ = 0;
};

/// Receives straight into the caller's buffer if all bytes arrive at once. The bytes of a partial
/// receive are collected in the stream's buffer, so that a cancelled read loses none.
template <Network Net, class Layer>
class Stream<Net, Layer>::RecvExactly final : public BufferedRead<Net, Layer, RecvExactly> {
 public:
  RecvExactly(Stream& stream, Bytes into)
      : BufferedRead<Net, Layer, RecvExactly>(stream), into_(into) {}
  std::size_t await_resume() {
    this->check_received();
    const std::size_t size = std::exchange(straight_, 0);
    return size != 0 ? size : this->buffer().take(into_);
  }

  [[nodiscard]] bool look() const { return this->buffer().bytes().size() >= into_.size(); }
  [[nodiscard]] Bytes room() {
    return this->buffer().make_room(into_.size() - this->buffer().bytes().size());
  }
  Step step(Net& net, Descriptor descriptor) {
    if (!this->buffer().empty() || into_.empty()) {
      return BufferedRead<Net, Layer, RecvExactly>::step(net, descriptor);
    }
    const Result<std::size_t> received = this->layer().recv(net, descriptor, into_);
    if (!received.ok()) {
      if (received.error() == would_block) {
        return Step::blocked;
      }
      this->error_ = received.error();
      return Step::done;
    }
    const std::size_t size = received.value();
    if (size == 0 || size == into_.size()) {
      straight_ = size;
      return Step::done;
    }
    std::memcpy(this->buffer().make_room(into_.size()).data(), into_.data(), size);
    this->buffer().received(size);
    if (this->layer().drained(size, into_.size())) {
      this->scheduler().handles().short_receive(*this);
    }
    return Step::again;
  }

 private:
  friend class Prefetch;

  Bytes into_;
  std::size_t straight_ = 0;  // bytes that were received straight into the caller's buffer
};

template <Network Net, class Layer>
class Stream<Net, Layer>::RecvUntil final : public BufferedRead<Net, Layer, RecvUntil> {
 public:
  RecvUntil(Stream& stream, std::string_view delimiter, std::size_t limit)
      : BufferedRead<Net, Layer, RecvUntil>(stream), delimiter_(delimiter), limit_(limit) {
    check(!delimiter.empty(), "a delimiter has a byte");
  }
  std::string await_resume() {
    this->check_received();
    searched_ = 0;
    if (std::exchange(too_long_, false)) {
      throw_error(std::errc::message_size, "no delimiter in " + std::to_string(limit_) + " bytes");
    }
    const ConstBytes bytes = this->buffer().bytes();
    const std::size_t length = std::exchange(length_, SIZE_MAX);
    const std::size_t size = length < bytes.size() ? length : bytes.size();
    std::string text(reinterpret_cast<const char*>(bytes.data()), size);
    this->buffer().consume(size);
    return text;
  }

  /// Returns true if the buffer holds a delimiter, or `limit_` bytes without one.
  [[nodiscard]] bool look() {
    if (length_ != SIZE_MAX) {
      return true;
    }
    const ConstBytes bytes = this->buffer().bytes();
    const std::string_view text(reinterpret_cast<const char*>(bytes.data()),
                                bytes.size() < limit_ ? bytes.size() : limit_);
    const std::size_t found = text.find(delimiter_, searched_);
    if (found != std::string_view::npos) {
      length_ = found + delimiter_.size();
      return true;
    }
    too_long_ = bytes.size() >= limit_;
    const std::size_t kept = delimiter_.size() - 1;
    searched_ = text.size() > kept ? text.size() - kept : 0;
    return too_long_;
  }

 private:
  std::string_view delimiter_;
  std::size_t limit_;
  std::size_t searched_ = 0;       // no delimiter begins before this index
  std::size_t length_ = SIZE_MAX;  // of the text to return; SIZE_MAX means all bytes
  bool too_long_ = false;
};

template <Network Net, class Layer>
class Stream<Net, Layer>::Peek final : public BufferedRead<Net, Layer, Peek> {
 public:
  Peek(Stream& stream, std::size_t least) : BufferedRead<Net, Layer, Peek>(stream), least_(least) {
    check(least > 0, "a peek waits for a byte at least: 0 bytes mean the end");
  }
  [[nodiscard]] ConstBytes await_resume() const {
    this->check_received();
    return this->buffer().bytes();
  }
  [[nodiscard]] bool look() const { return this->buffer().bytes().size() >= least_; }

 private:
  std::size_t least_;
};

template <Network Net, class Layer>
class Stream<Net, Layer>::Send final : public SocketOperation<Net, Send> {
 public:
  Send(Stream& stream, ConstBytes from, bool all)
      : SocketOperation<Net, Send>(stream.scheduler(), stream.handle(), Direction::send),
        stream_(stream),
        single_(from),
        total_(from.size()),
        all_(all) {}
  Send(Stream& stream, Pieces pieces)
      : SocketOperation<Net, Send>(stream.scheduler(), stream.handle(), Direction::send),
        stream_(stream),
        pieces_(pieces) {
    check(pieces.size() <= max_pieces, "a send has no more than max_pieces");
    for (const ConstBytes& piece : pieces) {
      total_ += piece.size();
    }
  }
  /// Returns how many bytes were sent.
  std::size_t await_resume() const {
    if (this->error_ != std::errc{}) {
      stream_.layer_.throw_own(this->error_, "send to", stream_.peer_);
      this->fail("send to " + stream_.peer_.to_string());
    }
    return sent_;
  }

  [[gnu::always_inline]] Step step(Net& net, Descriptor descriptor) {
    if (total_ == 0) {
      return Step::done;
    }
    const Result<std::size_t> sent = send_rest(net, descriptor);
    if (!sent.ok()) {
      if (sent.error() == would_block) {
        return Step::blocked;
      }
      this->error_ = sent.error();
      return Step::done;
    }
    sent_ += sent.value();
    return !all_ || sent_ == total_ ? Step::done : Step::again;
  }

 private:
  Result<std::size_t> send_rest(Net& net, Descriptor descriptor) {
    if (pieces_.empty()) {
      const ConstBytes rest = single_.subspan(sent_);
      return send_now(net, descriptor, Pieces(&rest, 1));
    }
    std::array<ConstBytes, max_pieces> rest;
    std::size_t count = 0;
    std::size_t skip = sent_;
    for (const ConstBytes& piece : pieces_) {
      if (skip >= piece.size()) {
        skip -= piece.size();
      } else {
        rest[count++] = piece.subspan(std::exchange(skip, 0));
      }
    }
    return send_now(net, descriptor, Pieces(rest).first(count));
  }
  Result<std::size_t> send_now(Net& net, Descriptor descriptor, Pieces rest) {
    return stream_.layer_.send(net, descriptor, rest, under_way_, stream_.bytes_sent_);
  }

  Stream& stream_;
  ConstBytes single_;
  Pieces pieces_;  // empty if single_ is sent
  std::size_t total_ = 0;
  std::size_t sent_ = 0;
  bool all_ = true;
  [[no_unique_address]] typename Layer::UnderWay under_way_{};
};

// Implementation.

template <Network Net, class Layer>
void Stream<Net, Layer>::shutdown_send() {
  this->require_open("finish sending");
  const Result<> finished = this->network().shutdown_send(this->handle().descriptor);
  if (!finished.ok()) {
    throw_error(finished.error(), "finish sending to " + peer_.to_string());
  }
}

template <Network Net, class Layer>
void Stream<Net, Layer>::set_options(const StreamOptions& options) {
  this->require_open("set options");
  const Result<> set = this->network().set_options(this->handle().descriptor, options);
  if (!set.ok()) {
    throw_error(set.error(), "set options of the connection to " + peer_.to_string());
  }
}

template <Network Net, class Layer>
void Stream<Net, Layer>::abort() {
  if (this->is_open()) {
    this->scheduler().handles().close(this->handle());
    this->network().abort(this->handle().descriptor);
  }
}

}  // namespace rehearsal::sched
