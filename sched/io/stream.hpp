// Stream: one TCP connection. One task may receive while another sends; a second task in one
// direction gets std::errc::device_or_resource_busy, and the first is not disturbed.
//
// Every operation throws std::system_error for what the network met (connection_reset, broken_pipe,
// timed_out, ...), operation_canceled where the stream is closed meanwhile, and bad_file_descriptor
// where it was closed before.
//
// A read that is cancelled or fails loses no byte: what it had received is there for the next read,
// whatever its kind.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "sched/io/buffered_read.hpp"
#include "sched/io/read_buffer.hpp"
#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"

namespace rehearsal::sched {

template <Network Net>
class Stream : public Socket<Net> {
 public:
  class Recv;
  class RecvExactly;
  class RecvUntil;
  class Peek;
  class Send;

  // Takes over a connected `descriptor`.
  Stream(Scheduler<Net>& scheduler, Descriptor descriptor, const Endpoint& peer)
      : Socket<Net>(scheduler, descriptor, Readiness::recv | Readiness::send), peer_(peer) {}
  Stream(Stream&&) noexcept = default;
  Stream& operator=(Stream&&) noexcept = default;
  // Closes with a FIN; with a RST where the stream dies before its task has come to its end
  // (unwinding()), so that a peer never takes half a conversation for a whole one.
  ~Stream() {
    if (unwinding()) {
      abort();
    }
  }

  // std::size_t n = co_await recv(into): at least one byte, or 0 if the peer has finished sending.
  // REQUIRES: `into` is not empty and lives until then.
  [[nodiscard]] Recv recv(Bytes into) { return Recv(*this, into); }
  // std::size_t n = co_await recv_exactly(into): fills `into`, which lives until then; fewer bytes
  // if the peer has finished sending.
  [[nodiscard]] RecvExactly recv_exactly(Bytes into) { return RecvExactly(*this, into); }
  // std::string line = co_await recv_until(delimiter, limit): everything up to and including
  // `delimiter`, which lives until then; without it at the end if the peer has finished sending.
  // Throws message_size if the first `limit` bytes hold no delimiter: those are the next read's.
  [[nodiscard]] RecvUntil recv_until(std::string_view delimiter, std::size_t limit) {
    return RecvUntil(*this, delimiter, limit);
  }
  // ConstBytes bytes = co_await peek(least): all that was received and not consumed, at least
  // `least` bytes; fewer if the peer has finished sending. They stay, at the same place, until the
  // next consume() or read. REQUIRES: least > 0.
  [[nodiscard]] Peek peek(std::size_t least) { return Peek(*this, least); }
  // Drops the first `count` bytes of what peek() returned; the rest is not moved. REQUIRES: there
  // are as many.
  void consume(std::size_t count) { unread_.consume(count); }

  // std::size_t n = co_await send(from): some of the bytes, at least one.
  [[nodiscard]] Send send(ConstBytes from) { return Send(*this, from, false); }
  // co_await send_all(from): all of them. `from` lives until then. Pieces are sent as if they were
  // one; they and the list of them live until then.
  [[nodiscard]] Send send_all(ConstBytes from) { return Send(*this, from, true); }
  [[nodiscard]] Send send_all(Pieces pieces) { return Send(*this, pieces); }
  [[nodiscard]] Send send_all(std::string_view text) {
    return send_all(std::as_bytes(std::span(text)));
  }

  // Finishes sending; receiving goes on. Idempotent.
  void shutdown_send();
  // Closes with a RST: the peer learns that this is no regular end. Idempotent.
  void abort();

  // Throws invalid_argument where they are not valid().
  void set_options(const StreamOptions& options);

  // How many bytes the kernel has taken so far, cancelled sends included.
  [[nodiscard]] std::uint64_t bytes_sent() const { return bytes_sent_; }
  [[nodiscard]] const Endpoint& peer() const { return peer_; }
  // What both ends call this connection: a name for the task that serves it.
  [[nodiscard]] std::string name() const {
    this->require_open("name a connection");
    return this->network().connection_name(this->handle().descriptor);
  }

 private:
  friend class Prefetch;

  Endpoint peer_;
  std::uint64_t bytes_sent_ = 0;
  ReadBuffer unread_;
};

template <Network Net>
class Stream<Net>::Recv final : public SocketOperation<Net, Recv> {
 public:
  Recv(Stream& stream, Bytes into)
      : SocketOperation<Net, Recv>(stream.scheduler(), stream.handle(), Direction::recv),
        stream_(stream),
        into_(into) {
    check(!into.empty(), "a receive has room for a byte: 0 bytes mean the end");
  }
  [[nodiscard]] std::size_t await_resume() const {
    if (this->error_ != std::errc{}) {
      this->fail("receive from " + stream_.peer_.to_string());
    }
    return size_;
  }

  [[nodiscard]] bool at_hand() const { return !stream_.unread_.empty(); }
  Step step(Net& net, Descriptor descriptor) {
    if (at_hand()) {
      size_ = stream_.unread_.take(into_);
      return Step::done;
    }
    const Result<std::size_t> received = net.recv(descriptor, into_);
    if (!received.ok()) {
      if (received.error() == would_block) {
        return Step::blocked;
      }
      this->error_ = received.error();
      return Step::done;
    }
    size_ = received.value();
    if (size_ != 0 && size_ < into_.size()) {
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

// Bytes that come at once go straight to where they are wanted. Those of a read that comes short
// are in the stream's buffer until they are enough.
template <Network Net>
class Stream<Net>::RecvExactly final : public BufferedRead<Net, RecvExactly> {
 public:
  RecvExactly(Stream& stream, Bytes into)
      : BufferedRead<Net, RecvExactly>(stream.scheduler(), stream.handle(), stream.unread_),
        peer_(stream.peer_),
        into_(into) {}
  std::size_t await_resume() {
    if (this->error_ != std::errc{}) {
      this->fail("receive from " + peer_.to_string());
    }
    const std::size_t size = std::exchange(straight_, 0);
    return size != 0 ? size : this->buffer().take(into_);
  }

  [[nodiscard]] bool look() const { return this->buffer().bytes().size() >= into_.size(); }
  [[nodiscard]] Bytes room() {
    return this->buffer().make_room(into_.size() - this->buffer().bytes().size());
  }
  Step step(Net& net, Descriptor descriptor) {
    if (!this->buffer().empty() || into_.empty()) {
      return BufferedRead<Net, RecvExactly>::step(net, descriptor);
    }
    const Result<std::size_t> received = net.recv(descriptor, into_);
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
    this->scheduler().handles().short_receive(*this);
    return Step::again;
  }

 private:
  friend class Prefetch;

  const Endpoint& peer_;
  Bytes into_;
  std::size_t straight_ = 0;  // bytes that are there already
};

template <Network Net>
class Stream<Net>::RecvUntil final : public BufferedRead<Net, RecvUntil> {
 public:
  RecvUntil(Stream& stream, std::string_view delimiter, std::size_t limit)
      : BufferedRead<Net, RecvUntil>(stream.scheduler(), stream.handle(), stream.unread_),
        peer_(stream.peer_),
        delimiter_(delimiter),
        limit_(limit) {
    check(!delimiter.empty(), "a delimiter has a byte");
  }
  std::string await_resume() {
    if (this->error_ != std::errc{}) {
      this->fail("receive from " + peer_.to_string());
    }
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

  // Whether the buffer holds a delimiter, or too many bytes without one.
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
  const Endpoint& peer_;
  std::string_view delimiter_;
  std::size_t limit_;
  std::size_t searched_ = 0;       // no delimiter begins before this
  std::size_t length_ = SIZE_MAX;  // of what is wanted; SIZE_MAX: all there is
  bool too_long_ = false;
};

template <Network Net>
class Stream<Net>::Peek final : public BufferedRead<Net, Peek> {
 public:
  Peek(Stream& stream, std::size_t least)
      : BufferedRead<Net, Peek>(stream.scheduler(), stream.handle(), stream.unread_),
        peer_(stream.peer_),
        least_(least) {
    check(least > 0, "a peek waits for a byte at least: 0 bytes mean the end");
  }
  [[nodiscard]] ConstBytes await_resume() const {
    if (this->error_ != std::errc{}) {
      this->fail("receive from " + peer_.to_string());
    }
    return this->buffer().bytes();
  }
  [[nodiscard]] bool look() const { return this->buffer().bytes().size() >= least_; }

 private:
  const Endpoint& peer_;
  std::size_t least_;
};

template <Network Net>
class Stream<Net>::Send final : public SocketOperation<Net, Send> {
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
  // How many bytes went out.
  std::size_t await_resume() const {
    if (this->error_ != std::errc{}) {
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
    stream_.bytes_sent_ += sent.value();
    return !all_ || sent_ == total_ ? Step::done : Step::again;
  }

 private:
  Result<std::size_t> send_rest(Net& net, Descriptor descriptor) const {
    if (pieces_.empty()) {
      const ConstBytes rest = single_.subspan(sent_);
      return net.send(descriptor, Pieces(&rest, 1));
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
    return net.send(descriptor, Pieces(rest).first(count));
  }

  Stream& stream_;
  ConstBytes single_;
  Pieces pieces_;  // empty: it is single_
  std::size_t total_ = 0;
  std::size_t sent_ = 0;
  bool all_ = true;
};

// Implementation.

template <Network Net>
void Stream<Net>::shutdown_send() {
  this->require_open("finish sending");
  const Result<> finished = this->network().shutdown_send(this->handle().descriptor);
  if (!finished.ok()) {
    throw_error(finished.error(), "finish sending to " + peer_.to_string());
  }
}

template <Network Net>
void Stream<Net>::set_options(const StreamOptions& options) {
  this->require_open("set options");
  const Result<> set = this->network().set_options(this->handle().descriptor, options);
  if (!set.ok()) {
    throw_error(set.error(), "set options of the connection to " + peer_.to_string());
  }
}

template <Network Net>
void Stream<Net>::abort() {
  if (this->is_open()) {
    this->scheduler().handles().close(this->handle());
    this->network().abort(this->handle().descriptor);
  }
}

}  // namespace rehearsal::sched
