#include "simnet/kernel/unix_stream.hpp"

#include <algorithm>

#include "sched/base/key.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/kernel/judged_call.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/moved_bytes.hpp"

namespace rehearsal::simnet {

using sched::Readiness;
using sched::Result;

UnixStream::UnixStream(UnixSockets& sockets, const SocketName& connection, char direction,
                       const sched::Endpoint& at, const sched::Endpoint& to)
    : UnixSocket(sockets,
                 {connection.text + direction,
                  sched::extend_key(connection.key, std::string_view(&direction, 1))},
                 at),
      remote_(to) {}

UnixStream::Ends UnixStream::connect(UnixSockets& sockets, const SocketName& connection,
                                     const sched::Endpoint& to) {
  const sched::Endpoint from = sched::unix_unnamed();
  Ends ends;
  ends.client.reset(new UnixStream(sockets, connection, '>', from, to));
  ends.server.reset(new UnixStream(sockets, connection, '<', to, from));
  ends.client->peer_ = ends.server.get();
  ends.server->peer_ = ends.client.get();
  return ends;
}

std::string UnixStream::connection_name() const { return name().substr(0, name().size() - 1); }

bool UnixStream::writable() const { return 4 * unread() <= kernel().options().send_buffer; }

Readiness UnixStream::readiness() const {
  Readiness shown = Readiness::none;
  if (receiving_ended_ && sending_ended_) {
    shown |= Readiness::hang_up;
  }
  if (receiving_ended_ || bytes_.size() != 0) {
    shown |= Readiness::recv;
  }
  if (writable()) {
    shown |= Readiness::send;
  }
  if (error_ != std::errc{}) {
    shown |= Readiness::error;
  }
  return shown;
}

void UnixStream::report_early_end() {
  if (receiving_ended_) {
    kernel().report(*this, Readiness::recv | Readiness::hang_up);
  }
}

Result<std::size_t> UnixStream::nothing_unread() {
  if (const std::errc error = take_error(); error != std::errc{}) {
    return error;
  }
  return receiving_ended_ ? Result<std::size_t>(std::size_t{0}) : sched::would_block;
}

Result<std::size_t> UnixStream::peek(sched::Bytes into) {
  sched::touch(key());
  if (bytes_.size() == 0) {
    return nothing_unread();
  }
  const std::size_t size = std::min<std::size_t>(bytes_.size(), into.size());
  bytes_.copy(into.first(size));
  return size;
}

Result<std::size_t> UnixStream::recv(sched::Bytes into) {
  sched::touch(key());
  const std::uint32_t ordinal = receives_++;
  std::size_t limit = into.size();
  if (kernel().fabric().faults.any(Operation::recv)) {
    const std::errc fault = judge_call(kernel(), Operation::recv, *this, kernel(), limit);
    if (fault != std::errc{}) {
      return fault;
    }
    if (limit < into.size()) {
      kernel().fabric().faults.mattered();
      kernel().report(*this, Readiness::recv);
      into = into.first(limit);
    }
  }
  if (bytes_.size() == 0) {
    return nothing_unread();
  }
  if (into.empty()) {
    return std::size_t{0};
  }
  const std::size_t size =
      bytes_received(*this, ordinal, std::min<std::size_t>(bytes_.size(), into.size()));
  if (size == 0) {
    return sched::would_block;
  }
  const bool full = peer_ != nullptr && !peer_->writable();
  bytes_.take(kernel().fabric().buffers, into.first(size));
  if (full && peer_->writable()) {
    sched::touch(peer_->key());
    kernel().report(*peer_, Readiness::send);
  }
  return size;
}

Result<std::size_t> UnixStream::send(sched::Pieces pieces) {
  sched::touch(key());
  const std::uint32_t ordinal = sends_++;
  std::size_t limit = SIZE_MAX;
  if (kernel().fabric().faults.any(Operation::send)) {
    const std::errc fault = judge_call(kernel(), Operation::send, *this, kernel(), limit);
    if (fault != std::errc{}) {
      return fault;
    }
  }
  if (sending_ended_) {
    return std::errc::broken_pipe;
  }
  std::size_t most = 0;
  for (const sched::ConstBytes& piece : pieces) {
    most += piece.size();
  }
  if (most == 0) {
    return std::size_t{0};
  }
  sched::touch(peer_->key());
  const std::size_t buffer = kernel().options().send_buffer;
  if (unread() >= buffer) {
    return sched::would_block;
  }
  const std::size_t size = bytes_sent(*this, ordinal, std::min(most, buffer - unread()), limit);
  append_pieces(peer_->bytes_, kernel().fabric().buffers, pieces, size);
  kernel().report(*peer_, Readiness::recv);
  return size;
}

void UnixStream::shutdown_receive() {
  sched::touch(key());
  receiving_ended_ = true;
  if (peer_ != nullptr) {
    sched::touch(peer_->key());
    peer_->sending_ended_ = true;
    kernel().report(*peer_, Readiness::send | Readiness::hang_up);
  }
}

Result<sched::Received> UnixStream::recv_from(sched::Bytes /*into*/) {
  sched::check(false, "recv_from() is asked of a datagram socket");
  return std::errc::invalid_argument;
}

Result<std::size_t> UnixStream::send_to(sched::ConstBytes /*from*/, const sched::Endpoint& /*to*/) {
  sched::check(false, "send_to() is asked of a datagram socket");
  return std::errc::already_connected;
}

Result<> UnixStream::shutdown_send() {
  if (!sending_ended_) {
    sched::touch(key());
    sched::touch(peer_->key());
    sending_ended_ = true;
    kernel().report(*this,
                    receiving_ended_ ? Readiness::send | Readiness::hang_up : Readiness::send);
    peer_->receiving_ended_ = true;
    kernel().report(*peer_, Readiness::recv | Readiness::hang_up);
  }
  return {};
}

void UnixStream::break_off() {
  bytes_.drop(kernel().fabric().buffers, bytes_.size());
  end(true);
  receiving_ended_ = sending_ended_ = true;
}

// Closes this end. The peer still receives what was sent to it; then comes a reset if something
// was left unread here.
void UnixStream::end(bool refused) {
  if (peer_ != nullptr) {
    sched::touch(peer_->key());
    std::exchange(peer_, nullptr)->peer_ended(refused || bytes_.size() != 0);
  }
}

void UnixStream::peer_ended(bool reset) {
  peer_ = nullptr;
  receiving_ended_ = sending_ended_ = true;
  error_ = reset ? std::errc::connection_reset : error_;
  constexpr auto all = Readiness::recv | Readiness::send | Readiness::hang_up;
  kernel().report(*this, reset ? all | Readiness::error : all);
}

}  // namespace rehearsal::simnet
