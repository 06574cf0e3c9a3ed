// Socket: a socket as socket(2) makes it, over the simulated kernel of its host. A new socket has
// no object in the kernel: bind, listen or connect make one.
#pragma once

#include <sys/socket.h>

#include <optional>
#include <string>

#include "sched/seam/endpoint.hpp"
#include "sched/seam/socket_address.hpp"
#include "simnet/guest/process/description.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

class Socket final : public Description, private Watcher {
 public:
  // Returns 0 if a host of a world has sockets of this kind, or the negative errno of socket(2).
  static CallResult supports(int domain, int type, int protocol);
  // REQUIRES: supports() returns 0.
  Socket(Kernel& kernel, int domain, int type);
  // Makes the new socket a connection that was accepted.
  void take(sched::Descriptor accepted);
  ~Socket() override;

  CallResult bind(const sched::Endpoint& at);
  CallResult listen(int backlog);
  // Begins to connect, or returns how that ended: -EINPROGRESS, -EALREADY, -EISCONN. Of UDP, sets
  // the peer.
  CallResult connect(const sched::Endpoint& to);
  // Stores the descriptor in the kernel of a connection, and its peer.
  CallResult accept(sched::Accepted& accepted);
  CallResult shutdown(int how);

  struct Message {
    std::size_t full_size = 0;            // of a datagram
    std::optional<sched::Endpoint> from;  // of a datagram
  };
  // recv(2) and send(2) once, without blocking. `flags` are MSG_PEEK and MSG_NOSIGNAL at most.
  CallResult receive(sched::Bytes into, int flags, Message& message);
  CallResult send(sched::Pieces from, const sched::Endpoint* to);
  CallResult read(sched::Bytes into) override;
  CallResult write(sched::Pieces from) override { return send(from, nullptr); }
  [[nodiscard]] CallResult unread() override;
  // Keeps a negative error for the next call, as Linux does (sk_err) when a call fails that has
  // moved a part of its bytes.
  void keep_error(CallResult error) { kept_error_ = error; }

  // getsockopt(2) and setsockopt(2). An option that has no effect here keeps its value.
  CallResult option(int level, int name, void* value, socklen_t* size);
  CallResult set_option(int level, int name, const void* value, socklen_t size);
  [[nodiscard]] sched::Result<sched::Endpoint> local() const;
  [[nodiscard]] sched::Result<sched::Endpoint> peer() const;

  [[nodiscard]] Events events() override;
  void shown() override { spurious_ = 0; }
  void watched(Events events) override;
  [[nodiscard]] std::uint32_t type() const override { return S_IFSOCK; }

  [[nodiscard]] Kernel& kernel() const { return kernel_; }
  [[nodiscard]] int domain() const { return domain_; }
  [[nodiscard]] bool is_stream() const { return type_ == SOCK_STREAM; }
  // SO_RCVTIMEO and SO_SNDTIMEO; zero means none.
  [[nodiscard]] sched::Duration receive_timeout() const { return receive_timeout_; }
  [[nodiscard]] sched::Duration send_timeout() const { return send_timeout_; }

 private:
  enum class State : std::uint8_t { fresh, bound, listening, connecting, connected };

  void changed(sched::Readiness what, bool spurious) override;
  void open(sched::Descriptor descriptor);
  void close();
  CallResult bind_any();
  CallResult finish_connecting();
  [[nodiscard]] CallResult take_error();
  [[nodiscard]] sched::Endpoint any_address() const;
  CallResult set_stream_options();
  [[nodiscard]] int* plain_option(int level, int name);

  Kernel& kernel_;
  int domain_;
  int type_;
  State state_ = State::fresh;
  sched::Descriptor descriptor_ = -1;    // in the kernel
  std::optional<sched::Endpoint> name_;  // of a Unix socket that is bound and does not listen yet
  Events spurious_ = 0;
  bool reading_shut_ = false;
  CallResult kept_error_ = 0;
  bool writing_shut_ = false;
  sched::Duration receive_timeout_{};
  sched::Duration send_timeout_{};
  sched::StreamOptions stream_options_;
  bool keep_alive_ = false;
  // Options without an effect on a simulated network.
  int reuse_address_ = 0;
  int reuse_port_ = 0;
  int broadcast_ = 0;
  int no_delay_ = 0;
  int ipv6_only_ = 0;
  int keep_alive_idle_ = 7200;
  int send_buffer_ = 0;
  int receive_buffer_ = 0;
};

}  // namespace rehearsal::simnet
