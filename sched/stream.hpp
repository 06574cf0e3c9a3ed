// Stream: one TCP connection. One task may receive while another sends; a second task in one
// direction gets std::errc::device_or_resource_busy, and the first is not disturbed.
//
// Every operation throws std::system_error for what the network met (connection_reset, broken_pipe,
// timed_out, ...), operation_canceled where the stream is closed meanwhile, and bad_file_descriptor
// where it was closed before.
#pragma once

#include <algorithm>
#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/socket.hpp"
#include "sched/socket_call.hpp"

namespace rehearsal::sched {

template <Network Net>
class Stream : public Socket<Net> {
 public:
  class Recv;
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

  // std::size_t n = co_await recv(into): at least one byte, or 0 where the peer has finished
  // sending. REQUIRES: `into` is not empty and lives until then.
  [[nodiscard]] Recv recv(Bytes into) { return Recv(*this, into); }
  // Fills `into`; fewer bytes mean that the peer has finished sending.
  Task<std::size_t> recv_exactly(Bytes into);
  // Everything up to and including `delimiter`; without it at the end where the peer has finished
  // sending. Throws message_size where `limit` bytes hold no delimiter. What came behind it is the
  // next recv's.
  Task<std::string> recv_until(std::string_view delimiter, std::size_t limit);

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
  std::size_t take_unread(Bytes into);

  Endpoint peer_;
  std::uint64_t bytes_sent_ = 0;
  std::unique_ptr<std::string> unread_;  // received behind a delimiter; null where there is none
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

  void prefetch() const override {
    __builtin_prefetch(&stream_.unread_);
    __builtin_prefetch(into_.data(), 1);
  }

  [[nodiscard]] bool at_hand() const { return stream_.unread_ != nullptr; }
  Step step(Net& net, Descriptor descriptor) {
    if (at_hand()) {
      size_ = stream_.take_unread(into_);
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
  Stream& stream_;
  Bytes into_;
  std::size_t size_ = 0;
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

template <Network Net>
std::size_t Stream<Net>::take_unread(Bytes into) {
  const std::size_t size = std::min(into.size(), unread_->size());
  std::ranges::copy(std::as_bytes(std::span(*unread_)).first(size), into.begin());
  unread_->erase(0, size);
  if (unread_->empty()) {
    unread_.reset();
  }
  return size;
}

template <Network Net>
Task<std::size_t> Stream<Net>::recv_exactly(Bytes into) {
  std::size_t filled = 0;
  while (filled < into.size()) {
    const std::size_t size = co_await recv(into.subspan(filled));
    if (size == 0) {
      break;
    }
    filled += size;
  }
  co_return filled;
}

template <Network Net>
Task<std::string> Stream<Net>::recv_until(std::string_view delimiter, std::size_t limit) {
  check(!delimiter.empty(), "a delimiter has a byte");
  const std::string until(delimiter);
  std::string text;
  for (;;) {
    const std::size_t before = text.size();
    text.resize(before + std::min<std::size_t>(4096, limit + 1));
    const auto room = std::as_writable_bytes(std::span(text)).subspan(before);
    const std::size_t size = co_await recv(room);
    text.resize(before + size);
    const std::size_t overlap = std::min(before, until.size() - 1);
    const std::size_t found = text.find(until, before - overlap);
    const std::size_t length = found == std::string::npos ? text.size() : found + until.size();
    if (length > limit || (found == std::string::npos && text.size() == limit && size != 0)) {
      throw_error(std::errc::message_size, "no delimiter in " + std::to_string(limit) + " bytes");
    }
    if (found != std::string::npos && length < text.size()) {
      const std::string rest = text.substr(length);
      unread_ = std::make_unique<std::string>(unread_ ? rest + *unread_ : rest);
      text.resize(length);
    }
    if (size == 0 || found != std::string::npos) {
      co_return text;
    }
  }
}

}  // namespace rehearsal::sched
