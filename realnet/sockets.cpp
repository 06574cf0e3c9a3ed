#include "realnet/sockets.hpp"

#include <netinet/tcp.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <utility>

#include "realnet/system_call.hpp"
#include "sched/seam/socket_address.hpp"

namespace rehearsal::realnet {

using sched::Descriptor;
using sched::Endpoint;
using sched::Result;

namespace {

int domain_of(const Endpoint& endpoint) {
  switch (endpoint.family()) {
    case Endpoint::Family::ipv4:
      return AF_INET;
    case Endpoint::Family::ipv6:
      return AF_INET6;
    case Endpoint::Family::unix_socket:
      break;
  }
  return AF_UNIX;
}

// Owns a socket while it is being set up. The first call that fails determines the result, and no
// other is made after it.
class NewSocket {
 public:
  NewSocket(const Endpoint& endpoint, int type) {
    descriptor_ = ::socket(domain_of(endpoint), type | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
    if (descriptor_ < 0) {
      error_ = last_error();
    }
  }
  NewSocket(const NewSocket&) = delete;
  NewSocket& operator=(const NewSocket&) = delete;
  ~NewSocket() {
    if (descriptor_ >= 0) {
      ::close(descriptor_);
    }
  }

  void set(int level, int option, int value) {
    attempt([&] { return ::setsockopt(descriptor_, level, option, &value, sizeof value); });
  }
  void set(const sched::StreamOptions& options) {
    attempt([&] {
      const Result<> set = Sockets::set_options(descriptor_, options);
      errno = static_cast<int>(set.error());
      return set.ok() ? 0 : -1;
    });
  }
  void set_stream_options() {
    set(IPPROTO_TCP, TCP_NODELAY, 1);
    set(SOL_SOCKET, SO_OOBINLINE, 1);
  }
  // Binds the socket; one without a name stays unbound.
  void bind(const Endpoint& at, bool replaces_stale) {
    if (at.is_unix() && at.unix_name().empty()) {
      return;
    }
    const sched::SocketAddress address(at);
    const auto try_once = [&] { return ::bind(descriptor_, address.get(), address.size()); };
    attempt(try_once);
    if (error_ == std::errc::address_in_use && replaces_stale && at.is_unix() && remove_stale(at)) {
      error_ = {};
      attempt(try_once);
    }
  }
  void listen(int backlog) {
    attempt([&] { return ::listen(descriptor_, backlog); });
  }
  // Returns true if the connection is still being made, also after a signal interrupted the call:
  // it continues by itself (connect(2)).
  bool connect(const Endpoint& to) {
    const sched::SocketAddress address(to);
    bool in_progress = false;
    attempt([&] {
      const int result = ::connect(descriptor_, address.get(), address.size());
      in_progress = result < 0 && (errno == EINPROGRESS || errno == EINTR);
      return in_progress ? 0 : result;
    });
    return in_progress;
  }

  [[nodiscard]] Result<Descriptor> release() {
    if (error_ != std::errc{}) {
      return error_;
    }
    return std::exchange(descriptor_, -1);
  }

 private:
  // Removes the file of a Unix socket that no process has open. A datagram socket finds out without
  // a trace: a listener that lives refuses it with EPROTOTYPE. Returns whether the file is removed.
  static bool remove_stale(const Endpoint& at) {
    const std::string& path = at.unix_name();
    struct stat file{};
    if (path.starts_with('\0') || ::lstat(path.c_str(), &file) < 0 || !S_ISSOCK(file.st_mode)) {
      return false;
    }
    NewSocket asking(at, SOCK_DGRAM);
    asking.connect(at);
    return asking.error_ == std::errc::connection_refused && ::unlink(path.c_str()) == 0;
  }
  template <class Call>
  void attempt(Call call) {
    if (descriptor_ >= 0 && error_ == std::errc{} && call() < 0) {
      error_ = last_error();
    }
  }

  Descriptor descriptor_ = -1;
  std::errc error_{};
};

template <class Call>
Result<Endpoint> ask_endpoint(Call call, Descriptor socket) {
  sched::SocketAddress address;
  if (call(socket, address.to_fill(), address.size_to_fill()) < 0) {
    return last_error();
  }
  return address.endpoint();
}

Result<std::size_t> moved(ssize_t count) {
  if (count < 0) [[unlikely]] {
    return last_error();
  }
  return static_cast<std::size_t>(count);
}

int length_of(const sched::ListenOptions& options) {
  return options.backlog == 0 ? SOMAXCONN : options.backlog;
}

Result<Descriptor> listen_unix(const Endpoint& at, const sched::ListenOptions& options) {
  if (options.reuse_port) {
    return std::errc::operation_not_supported;
  }
  if (!options.clients.valid()) {
    return std::errc::invalid_argument;
  }
  NewSocket socket(at, SOCK_STREAM);
  socket.bind(at, options.replace_stale);
  socket.listen(length_of(options));
  return socket.release();
}

}  // namespace

Result<Descriptor> Sockets::listen(const Endpoint& at, const sched::ListenOptions& options) {
  if (at.is_unix()) {
    return listen_unix(at, options);
  }
  NewSocket socket(at, SOCK_STREAM);
  socket.set(SOL_SOCKET, SO_REUSEADDR, 1);
  if (options.reuse_port) {
    socket.set(SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (at.family() == Endpoint::Family::ipv6) {
    socket.set(IPPROTO_IPV6, IPV6_V6ONLY, options.ipv6_only ? 1 : 0);
  }
  // Before listen(), so that even the first connection inherits them.
  socket.set_stream_options();
  if (options.clients != sched::StreamOptions()) {
    socket.set(options.clients);
  }
  socket.bind(at, false);
  socket.listen(length_of(options));
  return socket.release();
}

Result<sched::Accepted> Sockets::accept(Descriptor listener) {
  sched::SocketAddress peer;
  const int descriptor = retry_interrupted([&] {
    return ::accept4(listener, peer.to_fill(), peer.size_to_fill(), SOCK_NONBLOCK | SOCK_CLOEXEC);
  });
  if (descriptor < 0) {
    return last_error();
  }
  return sched::Accepted{.descriptor = descriptor, .peer = peer.endpoint()};
}

Result<sched::Connecting> Sockets::connect(const Endpoint& to) {
  NewSocket socket(to, SOCK_STREAM);
  if (!to.is_unix()) {
    socket.set_stream_options();
  }
  const bool in_progress = socket.connect(to);
  const auto descriptor = socket.release();
  if (!descriptor.ok()) {
    return descriptor.error();
  }
  return sched::Connecting{.descriptor = descriptor.value(), .in_progress = in_progress};
}

Result<> Sockets::connected(Descriptor socket) {
  int error = 0;
  socklen_t size = sizeof error;
  if (::getsockopt(socket, SOL_SOCKET, SO_ERROR, &error, &size) < 0) {
    return last_error();
  }
  if (error != 0) {
    return static_cast<std::errc>(error);
  }
  // No error means established or still in progress: only an established connection has a peer.
  const auto other_end = peer(socket);
  if (other_end.ok()) {
    return {};
  }
  return other_end.error() == std::errc::not_connected ? sched::would_block : other_end.error();
}

Result<std::size_t> Sockets::recv(Descriptor socket, sched::Bytes into) {
  return moved(retry_interrupted([&] { return ::recv(socket, into.data(), into.size(), 0); }));
}

Result<std::size_t> Sockets::send(Descriptor socket, sched::Pieces pieces) {
  if (pieces.size() == 1) [[likely]] {
    const sched::ConstBytes piece = pieces.front();
    return moved(retry_interrupted(
        [&] { return ::send(socket, piece.data(), piece.size(), MSG_NOSIGNAL); }));
  }
  sched::check(pieces.size() <= sched::max_pieces, "a send takes at most max_pieces pieces");
  std::array<iovec, sched::max_pieces> parts;  // NOLINT: filled as far as it is used
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    // sendmsg() takes the type that recvmsg() writes through, but only reads.
    auto* data = const_cast<std::byte*>(pieces[i].data());  // NOLINT(*-const-cast)
    parts[i] = {data, pieces[i].size()};
  }
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = pieces.size();
  return moved(retry_interrupted([&] { return ::sendmsg(socket, &message, MSG_NOSIGNAL); }));
}

Result<> Sockets::shutdown_send(Descriptor socket) {
  if (::shutdown(socket, SHUT_WR) < 0 && errno != ENOTCONN) {
    return last_error();
  }
  return {};
}

void Sockets::close(Descriptor socket) {
  sched::check(::close(socket) == 0 || errno != EBADF, "what is closed is an open descriptor");
}

void Sockets::abort(Descriptor socket) {
  const linger at_once{.l_onoff = 1, .l_linger = 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
  close(socket);
}

Result<> Sockets::set_options(Descriptor socket, const sched::StreamOptions& options) {
  if (!options.valid()) {
    return std::errc::invalid_argument;
  }
  const auto set = [socket](int level, int option, const auto& value) {
    return ::setsockopt(socket, level, option, &value, sizeof value) == 0;
  };
  const auto number = [](auto duration) { return static_cast<int>(duration.count()); };
  const linger ending{.l_onoff = options.reset_on_close ? 1 : 0, .l_linger = 0};
  const bool asks = options.keep_alive_idle.count() != 0;
  // A Unix socket has no options of TCP, and needs none: it learns of its peer's end at once.
  const bool all =
      set(SOL_SOCKET, SO_LINGER, ending) && set(SOL_SOCKET, SO_KEEPALIVE, asks ? 1 : 0) &&
      (!asks || (set(IPPROTO_TCP, TCP_KEEPIDLE, number(options.keep_alive_idle)) &&
                 set(IPPROTO_TCP, TCP_KEEPINTVL, number(options.keep_alive_interval)) &&
                 set(IPPROTO_TCP, TCP_KEEPCNT, options.keep_alive_count))) &&
      set(IPPROTO_TCP, TCP_USER_TIMEOUT, number(options.user_timeout));
  return all || errno == EOPNOTSUPP ? Result<>() : Result<>(last_error());
}

Result<> Sockets::set_peer(Descriptor socket, const Endpoint& peer) {
  const sched::SocketAddress address(peer);
  if (::connect(socket, address.get(), address.size()) < 0) {
    return last_error();
  }
  return {};
}

Result<Descriptor> Sockets::bind(const Endpoint& at, const sched::BindOptions& options) {
  if (at.is_unix() && options.reuse_port) {
    return std::errc::operation_not_supported;
  }
  NewSocket socket(at, SOCK_DGRAM);
  if (options.reuse_port) {
    socket.set(SOL_SOCKET, SO_REUSEPORT, 1);
  }
  if (options.broadcast) {
    socket.set(SOL_SOCKET, SO_BROADCAST, 1);
  }
  if (at.family() == Endpoint::Family::ipv6) {
    socket.set(IPPROTO_IPV6, IPV6_V6ONLY, 0);
  }
  socket.bind(at, options.replace_stale);
  return socket.release();
}

Result<sched::Received> Sockets::recv_from(Descriptor socket, sched::Bytes into) {
  sched::SocketAddress from;
  const auto full = moved(retry_interrupted([&] {
    return ::recvfrom(socket, into.data(), into.size(), MSG_TRUNC, from.to_fill(),
                      from.size_to_fill());
  }));
  if (!full.ok()) {
    return full.error();
  }
  return sched::Received{.size = std::min(full.value(), into.size()),
                         .full_size = full.value(),
                         .from = from.endpoint()};
}

Result<std::size_t> Sockets::send_to(Descriptor socket, sched::ConstBytes from,
                                     const Endpoint& to) {
  const sched::SocketAddress address(to);
  const auto sent = moved(retry_interrupted([&] {
    return ::sendto(socket, from.data(), from.size(), MSG_NOSIGNAL, address.get(), address.size());
  }));
  // The socket shows that it can send although this receiver has no room: nothing to wait for.
  return to.is_unix() && sent.error() == sched::would_block ? std::errc::no_buffer_space : sent;
}

Result<Endpoint> Sockets::local(Descriptor socket) { return ask_endpoint(::getsockname, socket); }

Result<Endpoint> Sockets::peer(Descriptor socket) { return ask_endpoint(::getpeername, socket); }

std::string Sockets::connection_name(Descriptor socket) {
  const auto endpoint = peer(socket);
  if (!endpoint.ok()) {
    return "unconnected";
  }
  ucred process{};
  socklen_t size = sizeof process;
  if (endpoint.value() == sched::unix_unnamed() &&
      ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &process, &size) == 0) {
    return "pid-" + std::to_string(process.pid);
  }
  return endpoint.value().to_string();
}

}  // namespace rehearsal::realnet
