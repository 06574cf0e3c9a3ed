#include "simnet/kernel/unix_datagram.hpp"

#include <algorithm>
#include <cstring>

#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/unix_sockets.hpp"

namespace rehearsal::simnet {

using sched::Endpoint;
using sched::Readiness;
using sched::Result;

bool UnixDatagram::full() const { return queued_.size() > kernel().options().unix_datagrams; }

bool UnixDatagram::writable() const {
  return 4 * unread_ <= kernel().options().send_buffer &&
         (peer_ == nullptr || !is_full_for(*peer_));
}

Readiness UnixDatagram::readiness() const {
  const Readiness error = error_ == std::errc{} ? Readiness::none : Readiness::error;
  return error | (writable() ? Readiness::send : Readiness::none) |
         (queued_.empty() ? Readiness::none : Readiness::recv);
}

Result<Endpoint> UnixDatagram::peer() const {
  return peer_at_ ? Result<Endpoint>(*peer_at_) : Result<Endpoint>(std::errc::not_connected);
}

Result<> UnixDatagram::shutdown_send() {
  may_send_ = false;
  kernel().report(*this, Readiness::send);
  return {};
}

Result<> UnixDatagram::set_peer(const Endpoint& to) {
  const auto found = sockets().find(to, UnixSockets::Kind::datagram);
  if (!found.ok()) {
    return found.error();
  }
  auto& peer = static_cast<UnixDatagram&>(*found.value());
  sched::touch(peer.key());
  if (!may_send_to(peer)) {
    return std::errc::operation_not_permitted;
  }
  if (peer_at_ && peer_ != &peer) {
    disconnect();
  }
  peer_ = &peer;
  peer_at_ = peer.local();
  kernel().report(*this, Readiness::send);
  kernel().report(peer, Readiness::send);  // it may be its peer, for which this one is never full
  return {};
}

// Leaves the peer. What waits here is lost; a peer that was connected to this socket gets an error
// for it.
void UnixDatagram::disconnect() {
  const bool loses = !queued_.empty();
  drop_queue();
  if (loses && peer_ != nullptr && peer_->peer_ == this && peer_ != this) {
    sched::touch(peer_->key());
    peer_->error_ = std::errc::connection_reset;
    kernel().report(*peer_, Readiness::error);
  }
  peer_ = nullptr;
  peer_at_.reset();
}

Result<std::size_t> UnixDatagram::recv(sched::Bytes into) {
  const auto received = recv_from(into);
  return received.ok() ? Result<std::size_t>(received.value().size) : received.error();
}

Result<sched::Received> UnixDatagram::recv_from(sched::Bytes into) {
  sched::touch(key());
  if (const std::errc error = take_error(); error != std::errc{}) {
    return error;
  }
  if (queued_.empty()) {
    return sched::would_block;
  }
  Choices& choices = kernel().fabric().choices;
  if (choices.choose(Site::again, key(), receives_++, 2, [&] { return name(); }).matters() != 0) {
    kernel().report(*this, Readiness::recv);
    return sched::would_block;
  }
  const Queued datagram = pop();
  const std::size_t size = std::min(datagram.bytes.size(), into.size());
  if (size != 0) {
    std::memcpy(into.data(), datagram.bytes.data(), size);
  }
  return sched::Received{size, datagram.bytes.size(), datagram.from};
}

// Returns the error of a send of `size` bytes, to whatever socket, or none.
std::errc UnixDatagram::unsendable(std::size_t size) {
  sched::touch(key());
  const std::size_t buffer = kernel().options().send_buffer;
  if (size + 32 > buffer) {
    return std::errc::message_size;
  }
  if (const std::errc error = take_error(); error != std::errc{}) {
    return error;
  }
  if (!may_send_) {
    return std::errc::broken_pipe;
  }
  return unread_ >= buffer ? sched::would_block : std::errc{};
}

Result<std::size_t> UnixDatagram::send(sched::Pieces pieces) {
  sched::Message bytes;
  for (const sched::ConstBytes& piece : pieces) {
    bytes.insert(bytes.end(), piece.begin(), piece.end());
  }
  if (const std::errc error = unsendable(bytes.size()); error != std::errc{}) {
    return error;
  }
  if (!peer_at_) {
    return std::errc::not_connected;
  }
  if (peer_ == nullptr) {
    disconnect();
    kernel().report(*this, Readiness::send);
    return std::errc::connection_refused;
  }
  return deliver(*peer_, bytes);
}

Result<std::size_t> UnixDatagram::send_to(sched::ConstBytes from, const Endpoint& to) {
  if (!to.is_unix() || to.unix_name().empty()) {
    return std::errc::invalid_argument;
  }
  std::errc error = unsendable(from.size());
  if (error == std::errc{}) {
    const auto found = sockets().find(to, UnixSockets::Kind::datagram);
    if (found.ok()) {
      const auto sent = deliver(static_cast<UnixDatagram&>(*found.value()), from);
      if (sent.ok()) {
        return sent;
      }
      error = sent.error();
    } else {
      error = found.error();
    }
  }
  return error == sched::would_block ? std::errc::no_buffer_space : error;
}

Result<std::size_t> UnixDatagram::deliver(UnixDatagram& to, sched::ConstBytes bytes) {
  sched::touch(to.key());
  if (!may_send_to(to)) {
    return std::errc::operation_not_permitted;
  }
  if (is_full_for(to)) {
    return sched::would_block;
  }
  to.queued_.push_back({local(), {bytes.begin(), bytes.end()}, this});
  to.queued_bytes_ += bytes.size();
  unread_ += bytes.size() + overhead;
  kernel().report(to, Readiness::recv);
  return bytes.size();
}

// Returns `bytes` of the send buffer, because they were received or dropped.
void UnixDatagram::take_back(std::size_t bytes) {
  const bool was = writable();
  unread_ -= bytes + overhead;
  if (!was && writable()) {
    sched::touch(key());
    kernel().report(*this, Readiness::send);
  }
}

UnixDatagram::Queued UnixDatagram::pop() {
  const bool was_full = full();
  Queued datagram = std::move(queued_.front());
  queued_.pop_front();
  queued_bytes_ -= datagram.bytes.size();
  if (datagram.sender != nullptr) {
    datagram.sender->take_back(datagram.bytes.size());
  }
  if (was_full) {
    sockets().for_each_datagram([this](UnixDatagram& other) {
      if (other.peer_ == this) {
        sched::touch(other.key());
        kernel().report(other, Readiness::send);
      }
    });
  }
  return datagram;
}

void UnixDatagram::drop_queue() {
  while (!queued_.empty()) {
    pop();
  }
}

void UnixDatagram::hang_up() {
  drop_queue();
  sockets().for_each_datagram([this](UnixDatagram& other) { other.forget(*this); });
}

// A socket has closed. A sender to it learns that when it sends next.
void UnixDatagram::forget(const UnixDatagram& closed) {
  if (peer_ == &closed) {
    sched::touch(key());
    peer_ = nullptr;
    kernel().report(*this, Readiness::send);
  }
  for (Queued& datagram : queued_) {
    if (datagram.sender == &closed) {
      datagram.sender = nullptr;
    }
  }
}

}  // namespace rehearsal::simnet
