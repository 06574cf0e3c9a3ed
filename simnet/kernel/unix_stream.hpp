// UnixStream: one end of a connection between two Unix sockets of a simulated host. Nothing is on
// its way: what one end sends is in the queue of the other in the same instant, is never lost, and
// is still there after the sender has closed.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <utility>

#include "simnet/kernel/unix_socket.hpp"
#include "simnet/network/buffer.hpp"

namespace rehearsal::simnet {

class UnixStream final : public UnixSocket {
 public:
  struct Ends {
    std::unique_ptr<UnixStream> client;
    std::unique_ptr<UnixStream> server;
  };
  // Creates both ends of a connection of this name to the listener at `to`.
  static Ends connect(UnixSockets& sockets, const SocketName& connection,
                      const sched::Endpoint& to);

  sched::Result<sched::Accepted> accept() override { return std::errc::invalid_argument; }
  sched::Result<std::size_t> recv(sched::Bytes into) override;
  sched::Result<std::size_t> peek(sched::Bytes into) override;
  sched::Result<std::size_t> send(sched::Pieces pieces) override;
  sched::Result<> shutdown_send() override;
  void shutdown_receive() override;
  sched::Result<sched::Received> recv_from(sched::Bytes into) override;
  sched::Result<std::size_t> send_to(sched::ConstBytes from, const sched::Endpoint& to) override;
  // Returns the name of the peer, also after the peer has closed.
  [[nodiscard]] sched::Result<sched::Endpoint> peer() const override { return remote_; }
  [[nodiscard]] std::string connection_name() const override;
  void hang_up() override { end(false); }

  // Closes an end that was not accepted: the client gets a reset.
  void refuse() { end(true); }
  // Breaks the connection at both ends, as a fault rule asks; the caller reports the error here.
  void break_off();
  // Called when it gets a descriptor: the peer may have finished or closed before.
  void report_early_end();

  [[nodiscard]] sched::Readiness readiness() const override;
  [[nodiscard]] bool receiving_ended() const override { return receiving_ended_; }
  [[nodiscard]] std::string_view shown_state() const override { return "ESTAB"; }
  [[nodiscard]] std::size_t recv_queue() const override { return bytes_.size(); }
  [[nodiscard]] std::size_t send_queue() const override { return unread(); }

 private:
  UnixStream(UnixSockets& sockets, const SocketName& connection, char direction,
             const sched::Endpoint& at, const sched::Endpoint& to);

  // Returns how many bytes the peer has not read.
  [[nodiscard]] std::size_t unread() const { return peer_ == nullptr ? 0 : peer_->bytes_.size(); }
  [[nodiscard]] bool writable() const;
  // Returns what a receive that finds no bytes returns.
  sched::Result<std::size_t> nothing_unread();
  void end(bool refused);
  void peer_ended(bool reset);

  UnixStream* peer_ = nullptr;  // null after it has closed
  sched::Endpoint remote_;
  Buffer bytes_;  // sent to this end
  std::uint32_t receives_ = 0;
  std::uint32_t sends_ = 0;
  bool receiving_ended_ = false;  // the peer has finished sending, or has closed
  bool sending_ended_ = false;
};

}  // namespace rehearsal::simnet
