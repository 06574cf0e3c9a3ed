// UnixSocket: what the Unix sockets of a simulated host have in common (unix(7)). Each kind
// overrides the calls that it accepts; the others fail as on Linux.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>

#include "sched/seam/network.hpp"
#include "simnet/kernel/open_file.hpp"

namespace rehearsal::simnet {

class UnixSockets;

class UnixSocket : public OpenFile {
 public:
  virtual ~UnixSocket() = default;

  // The name under which it makes its choices, and its key.
  [[nodiscard]] const std::string& name() const { return name_.text; }
  [[nodiscard]] std::uint64_t key() const { return name_.key; }
  [[nodiscard]] const sched::Endpoint& local() const { return at_; }
  // Returns the name of its connection.
  [[nodiscard]] virtual std::string connection_name() const { return "unconnected"; }

  // The calls of the sched::Network interface.
  virtual sched::Result<sched::Accepted> accept() = 0;
  [[nodiscard]] sched::Result<> connected();
  virtual sched::Result<std::size_t> recv(sched::Bytes into) = 0;
  // MSG_PEEK of recv(2).
  virtual sched::Result<std::size_t> peek(sched::Bytes /*into*/) {
    return std::errc::operation_not_supported;
  }
  virtual sched::Result<std::size_t> send(sched::Pieces pieces) = 0;
  virtual sched::Result<> shutdown_send() = 0;
  // SHUT_RD of shutdown(2): the peer can send no more.
  virtual void shutdown_receive() {}
  virtual sched::Result<> set_peer(const sched::Endpoint& to);
  virtual sched::Result<sched::Received> recv_from(sched::Bytes into) = 0;
  virtual sched::Result<std::size_t> send_to(sched::ConstBytes from, const sched::Endpoint& to) = 0;
  [[nodiscard]] virtual sched::Result<sched::Endpoint> peer() const = 0;
  // Called when its descriptor is closed, before it is destroyed.
  virtual void hang_up() = 0;

  // Returns what poll(2) reports.
  [[nodiscard]] virtual sched::Readiness readiness() const = 0;
  // Returns whether nothing more will arrive.
  [[nodiscard]] virtual bool receiving_ended() const { return false; }
  // What ss(8) shows: its state, what waits to be received, and what it has sent and nobody has
  // received; for a listener, the length of its queue and the backlog.
  [[nodiscard]] virtual std::string_view shown_state() const = 0;
  [[nodiscard]] virtual std::size_t recv_queue() const = 0;
  [[nodiscard]] virtual std::size_t send_queue() const = 0;

 protected:
  UnixSocket(UnixSockets& sockets, SocketName name, sched::Endpoint at);

  [[nodiscard]] UnixSockets& sockets() const { return sockets_; }
  // Returns the error with which the next call fails, and clears it.
  [[nodiscard]] std::errc take_error() { return std::exchange(error_, std::errc{}); }

  std::errc error_{};

 private:
  UnixSockets& sockets_;
  SocketName name_;
  sched::Endpoint at_;
};

}  // namespace rehearsal::simnet
