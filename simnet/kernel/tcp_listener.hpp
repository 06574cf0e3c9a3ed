// TcpListener: a listening socket of a simulated kernel, or one that is bound and may listen later.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "sched/base/ring.hpp"
#include "sched/seam/endpoint.hpp"
#include "sched/seam/network.hpp"
#include "simnet/kernel/open_file.hpp"
#include "simnet/kernel/tcp_end.hpp"

namespace rehearsal::simnet {

// A TCP socket that is bound, and once it listens, the connections that wait to be accepted.
class TcpListener final : public OpenFile {
 public:
  TcpListener(Kernel& kernel, SocketName name, const sched::Endpoint& at,
              const sched::ListenOptions& options);

  static constexpr std::size_t most_backlog = 4096;  // SOMAXCONN

  // Returns the length of the queue that the options ask for.
  [[nodiscard]] static std::size_t length_of(const sched::ListenOptions& options);

  // Lets clients connect, up to `backlog` + 1 of them that were not accepted.
  void start(std::size_t backlog);
  // Refuses all clients, and is a bound socket again that does not listen.
  void stop();
  [[nodiscard]] bool listening() const { return listening_; }
  [[nodiscard]] const sched::Endpoint& local() const { return at_; }
  [[nodiscard]] bool shares_port() const { return reuse_port_; }
  [[nodiscard]] bool ipv6_only() const { return ipv6_only_; }
  [[nodiscard]] const std::string& name() const { return name_.text; }
  [[nodiscard]] std::uint64_t key() const { return name_.key; }
  [[nodiscard]] std::uint64_t embryos_key() const { return key() + 1; }
  // Returns whether the queue is full. As in Linux, it holds one more than the backlog.
  [[nodiscard]] bool full() const { return queued_.size() > backlog_; }
  [[nodiscard]] std::size_t queued() const { return queued_.size(); }
  [[nodiscard]] std::size_t backlog() const { return backlog_; }
  [[nodiscard]] bool empty() const { return queued_.empty(); }
  [[nodiscard]] sched::Readiness readiness() const;
  void push(TcpEnd& end) { queued_.push(&end); }
  TcpEnd& pop() { return *queued_.pop(); }
  // Closes the listener: connections that were not accepted are reset. If the host has lost its
  // power (forget_all), they hear nothing.
  void refuse_all();
  void forget_all();
  // Returns the options of accepted connections.
  [[nodiscard]] const sched::StreamOptions& clients() const { return clients_; }
  // Connections whose handshake is not complete.
  std::vector<TcpEnd*> embryos;
  std::uint32_t accepts = 0;

 private:
  sched::Endpoint at_;
  SocketName name_;
  std::size_t backlog_ = 0;
  bool listening_ = false;
  bool reuse_port_;
  bool ipv6_only_;
  sched::StreamOptions clients_;
  sched::Ring<TcpEnd*> queued_;
};

}  // namespace rehearsal::simnet
