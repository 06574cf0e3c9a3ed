// UnixListener: a listening Unix socket of a simulated host. A client is connected as soon as it is
// in the queue.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>

#include "simnet/kernel/unix_socket.hpp"
#include "simnet/kernel/unix_stream.hpp"

namespace rehearsal::simnet {

class UnixListener final : public UnixSocket {
 public:
  UnixListener(UnixSockets& sockets, SocketName name, const sched::Endpoint& at,
               const sched::ListenOptions& options);

  // Returns whether the queue is full. As in Linux, it holds one more than the backlog.
  [[nodiscard]] bool full() const { return queued_.size() > backlog_; }
  // Queues the server's end of a new connection.
  void push(std::unique_ptr<UnixStream> end);

  sched::Result<sched::Accepted> accept() override;
  sched::Result<std::size_t> recv(sched::Bytes /*into*/) override {
    return std::errc::invalid_argument;
  }
  sched::Result<std::size_t> send(sched::Pieces /*pieces*/) override {
    return std::errc::not_connected;
  }
  sched::Result<> shutdown_send() override { return {}; }
  sched::Result<sched::Received> recv_from(sched::Bytes /*into*/) override {
    return std::errc::invalid_argument;
  }
  sched::Result<std::size_t> send_to(sched::ConstBytes /*from*/,
                                     const sched::Endpoint& /*to*/) override {
    return std::errc::operation_not_supported;
  }
  [[nodiscard]] sched::Result<sched::Endpoint> peer() const override {
    return std::errc::not_connected;
  }
  // Resets the connections that were not accepted.
  void hang_up() override;

  [[nodiscard]] sched::Readiness readiness() const override {
    return queued_.empty() ? sched::Readiness::none : sched::Readiness::recv;
  }
  [[nodiscard]] std::string_view shown_state() const override { return "LISTEN"; }
  [[nodiscard]] std::size_t recv_queue() const override { return queued_.size(); }
  [[nodiscard]] std::size_t send_queue() const override { return backlog_; }

 private:
  [[nodiscard]] std::errc injected_error();

  std::size_t backlog_;
  std::uint32_t accepts_ = 0;
  std::deque<std::unique_ptr<UnixStream>> queued_;
};

}  // namespace rehearsal::simnet
