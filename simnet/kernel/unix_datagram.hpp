// UnixDatagram: a datagram Unix socket of a simulated host. Datagrams arrive in the same instant,
// in order, and none is lost: a sender waits while the queue of its peer is full.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <optional>

#include "simnet/kernel/unix_socket.hpp"

namespace rehearsal::simnet {

class UnixDatagram final : public UnixSocket {
 public:
  UnixDatagram(UnixSockets& sockets, SocketName name, const sched::Endpoint& at)
      : UnixSocket(sockets, std::move(name), at) {}

  sched::Result<sched::Accepted> accept() override { return std::errc::operation_not_supported; }
  sched::Result<std::size_t> recv(sched::Bytes into) override;
  sched::Result<std::size_t> send(sched::Pieces pieces) override;
  sched::Result<> shutdown_send() override;
  sched::Result<> set_peer(const sched::Endpoint& to) override;
  sched::Result<sched::Received> recv_from(sched::Bytes into) override;
  sched::Result<std::size_t> send_to(sched::ConstBytes from, const sched::Endpoint& to) override;
  [[nodiscard]] sched::Result<sched::Endpoint> peer() const override;
  void hang_up() override;

  [[nodiscard]] sched::Readiness readiness() const override;
  [[nodiscard]] std::string_view shown_state() const override {
    return peer_at_ ? "ESTAB" : "UNCONN";
  }
  [[nodiscard]] std::size_t recv_queue() const override { return queued_bytes_; }
  [[nodiscard]] std::size_t send_queue() const override { return unread_; }

 private:
  struct Queued {
    sched::Endpoint from;
    sched::Message bytes;
    UnixDatagram* sender = nullptr;  // null after it has closed
  };
  // What a datagram takes of the send buffer besides its bytes, as on Linux with 64 bits.
  static constexpr std::size_t overhead = 768;

  // Returns whether the queue is full. As in Linux, it holds one more than the limit.
  [[nodiscard]] bool full() const;
  // Returns whether this socket may send to `to`, which may be connected to another one.
  [[nodiscard]] bool may_send_to(const UnixDatagram& to) const {
    return !to.peer_at_ || to.peer_ == this;
  }
  // Returns whether `to` has no room for what this socket sends. Its own peer has always.
  [[nodiscard]] bool is_full_for(const UnixDatagram& to) const {
    return &to != this && to.peer_ != this && to.full();
  }
  [[nodiscard]] bool writable() const;
  [[nodiscard]] std::errc unsendable(std::size_t size);
  sched::Result<std::size_t> deliver(UnixDatagram& to, sched::ConstBytes bytes);
  void disconnect();
  void take_back(std::size_t bytes);
  Queued pop();
  void drop_queue();
  void forget(const UnixDatagram& closed);

  std::optional<sched::Endpoint>
      peer_at_;                   // stays after the peer has closed, until a send finds out
  UnixDatagram* peer_ = nullptr;  // null if there is none, or it has closed
  std::deque<Queued> queued_;
  std::size_t queued_bytes_ = 0;
  std::size_t unread_ = 0;  // bytes that were sent and not received, with their overhead
  std::uint32_t receives_ = 0;
  bool may_send_ = true;  // until its sending direction is shut down
};

}  // namespace rehearsal::simnet
