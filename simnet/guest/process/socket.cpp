#include "simnet/guest/process/socket.hpp"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/epoll.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <cstring>
#include <utility>

#include "simnet/guest/process/time_value.hpp"
#include "simnet/kernel/any_socket.hpp"

namespace rehearsal::simnet {

using sched::Endpoint;
using sched::Readiness;
using sched::Result;

namespace {

CallResult negative(std::errc error) { return -static_cast<CallResult>(error); }
template <class T>
CallResult error_of(const Result<T>& result) {
  return result.ok() ? 0 : negative(result.error());
}
CallResult count_of(const Result<std::size_t>& result) {
  return result.ok() ? static_cast<CallResult>(result.value()) : negative(result.error());
}

// Stores the value of an option, or its first bytes.
CallResult store(const void* from, std::size_t has, void* value, socklen_t* size) {
  *size = static_cast<socklen_t>(std::min<std::size_t>(*size, has));
  std::memcpy(value, from, *size);
  return 0;
}

}  // namespace

CallResult Socket::supports(int domain, int type, int protocol) {
  if (domain != AF_INET && domain != AF_INET6 && domain != AF_UNIX) {
    return -EAFNOSUPPORT;
  }
  if (type != SOCK_STREAM && type != SOCK_DGRAM) {
    return -ESOCKTNOSUPPORT;
  }
  const int only = domain == AF_UNIX ? 0 : type == SOCK_STREAM ? IPPROTO_TCP : IPPROTO_UDP;
  return protocol == 0 || protocol == only ? 0 : -EPROTONOSUPPORT;
}

Socket::Socket(Kernel& kernel, int domain, int type)
    : kernel_(kernel), domain_(domain), type_(type) {}

void Socket::take(sched::Descriptor accepted) {
  state_ = State::connected;
  open(accepted);
}

Socket::~Socket() { close(); }

void Socket::open(sched::Descriptor descriptor) {
  descriptor_ = descriptor;
  kernel_.set_watcher(descriptor, *this);
}

void Socket::close() {
  if (descriptor_ < 0) {
    return;
  }
  kernel_.forget_watcher(descriptor_, *this);
  // If the process has ended, the kernel closes its sockets, as it does for other programs.
  if (!kernel_.process_ended()) {
    kernel_.close(std::exchange(descriptor_, -1));
  }
}

Endpoint Socket::any_address() const {
  return {domain_ == AF_INET6 ? Endpoint::Family::ipv6 : Endpoint::Family::ipv4, {}, 0};
}

CallResult Socket::bind(const Endpoint& at) {
  if (state_ != State::fresh || name_) {
    return -EINVAL;
  }
  const Endpoint::Family family = domain_ == AF_UNIX    ? Endpoint::Family::unix_socket
                                  : domain_ == AF_INET6 ? Endpoint::Family::ipv6
                                                        : Endpoint::Family::ipv4;
  if (at.family() != family) {
    return domain_ == AF_INET ? -EAFNOSUPPORT : -EINVAL;
  }
  if (is_stream() && at.is_unix()) {
    name_ = at;
    return 0;
  }
  Result<sched::Descriptor> bound = sched::would_block;
  if (is_stream()) {
    sched::ListenOptions options;
    options.reuse_port = reuse_port_ != 0;
    options.ipv6_only = ipv6_only_ != 0;
    bound = kernel_.bind_stream(at, options);
  } else {
    sched::BindOptions options;
    options.reuse_port = reuse_port_ != 0;
    options.broadcast = broadcast_ != 0;
    bound = kernel_.bind(at, options);
  }
  if (!bound.ok()) {
    return negative(bound.error());
  }
  open(bound.value());
  state_ = State::bound;
  return 0;
}

CallResult Socket::bind_any() {
  if (state_ != State::fresh) {
    return 0;
  }
  return bind(domain_ == AF_UNIX ? sched::unix_unnamed() : any_address());
}

CallResult Socket::listen(int backlog) {
  if (!is_stream()) {
    return -EOPNOTSUPP;
  }
  if (state_ == State::connecting || state_ == State::connected) {
    return -EINVAL;
  }
  if (domain_ == AF_UNIX) {
    if (!name_) {
      return -EINVAL;
    }
    sched::ListenOptions options;
    options.backlog = std::max(backlog, 1);
    const Result<sched::Descriptor> opened = kernel_.listen(*name_, options);
    if (!opened.ok()) {
      return negative(opened.error());
    }
    name_.reset();
    open(opened.value());
  } else {
    if (const CallResult bound = bind_any(); bound != 0) {
      return bound;
    }
    static_cast<void>(kernel_.listen(descriptor_, backlog));
  }
  state_ = State::listening;
  return 0;
}

CallResult Socket::connect(const Endpoint& to) {
  if (!is_stream()) {
    const CallResult bound = bind_any();
    return bound != 0 ? bound : error_of(kernel_.set_peer(descriptor_, to));
  }
  switch (state_) {
    case State::listening:
      return -EISCONN;
    case State::connected:
      return -EISCONN;
    case State::connecting:
      return finish_connecting();
    default:
      break;
  }
  if ((domain_ == AF_UNIX) != to.is_unix()) {
    return domain_ == AF_UNIX ? -EINVAL : -EAFNOSUPPORT;
  }
  const auto connecting = kernel_.connect(to, std::exchange(descriptor_, -1));
  if (!connecting.ok()) {
    state_ = State::fresh;
    return negative(connecting.error());
  }
  open(connecting.value().descriptor);
  static_cast<void>(set_stream_options());
  state_ = connecting.value().in_progress ? State::connecting : State::connected;
  return connecting.value().in_progress ? -EINPROGRESS : 0;
}

// Returns what connect(2) returns for a socket that connects already.
CallResult Socket::finish_connecting() {
  const Result<> outcome = kernel_.connected(descriptor_);
  if (outcome.error() == sched::would_block) {
    return -EALREADY;
  }
  state_ = outcome.ok() ? State::connected : State::fresh;
  if (!outcome.ok()) {
    close();
  }
  return error_of(outcome);
}

CallResult Socket::accept(sched::Accepted& accepted) {
  if (!is_stream()) {
    return -EOPNOTSUPP;
  }
  if (state_ != State::listening) {
    return -EINVAL;
  }
  auto result = kernel_.accept(descriptor_);
  if (result.ok()) {
    accepted = std::move(result.value());
  }
  return error_of(result);
}

CallResult Socket::shutdown(int how) {
  if (how != SHUT_RD && how != SHUT_WR && how != SHUT_RDWR) {
    return -EINVAL;
  }
  if (state_ == State::listening && domain_ != AF_UNIX) {
    if (how != SHUT_WR) {
      kernel_.unlisten(descriptor_);
      state_ = State::bound;
    }
    return 0;
  }
  if (!is_stream()) {
    if (const CallResult bound = bind_any(); bound != 0) {
      return bound;
    }
  }
  // Also of a socket that has no peer, which the call reports.
  writing_shut_ = writing_shut_ || how != SHUT_RD;
  reading_shut_ = reading_shut_ || how != SHUT_WR;
  Pollable::changed(any_event);
  const bool connected = state_ == State::connecting || peer().ok();
  if (descriptor_ < 0 || (is_stream() && !connected)) {
    return -ENOTCONN;
  }
  if (UnixSocket* of_unix = kernel_.unix_socket(descriptor_);
      of_unix != nullptr && how != SHUT_WR) {
    of_unix->shutdown_receive();
  }
  const CallResult sent = how == SHUT_RD ? 0 : error_of(kernel_.shutdown_send(descriptor_));
  return connected ? sent : -ENOTCONN;
}

CallResult Socket::receive(sched::Bytes into, int flags, Message& message) {
  if (descriptor_ < 0 || state_ == State::listening) {
    if (!is_stream() && state_ == State::fresh) {
      const CallResult bound = bind_any();
      return bound != 0 ? bound : -EAGAIN;
    }
    return reading_shut_ ? 0 : -ENOTCONN;
  }
  message.full_size = into.size();
  if (!is_stream()) {
    if ((flags & MSG_PEEK) != 0) {
      return -EOPNOTSUPP;
    }
    const auto received = kernel_.recv_from(descriptor_, into);
    if (!received.ok()) {
      const bool ended = received.error() == sched::would_block && reading_shut_ && blocks();
      return ended ? 0 : negative(received.error());
    }
    message.full_size = received.value().full_size;
    message.from = received.value().from;
    return static_cast<CallResult>(received.value().size);
  }
  const CallResult count = count_of((flags & MSG_PEEK) != 0 ? kernel_.peek(descriptor_, into)
                                                            : kernel_.recv(descriptor_, into));
  if (count <= 0 && kept_error_ != 0) {
    return std::exchange(kept_error_, 0);
  }
  return count == -EAGAIN && reading_shut_ ? 0 : count;
}

CallResult Socket::read(sched::Bytes into) {
  Message message;
  return receive(into, 0, message);
}

CallResult Socket::send(sched::Pieces from, const Endpoint* to) {
  if (is_stream()) {
    if (to != nullptr && state_ == State::connected) {
      return -EISCONN;
    }
    if (kept_error_ != 0) {
      return std::exchange(kept_error_, 0);
    }
    // Of a socket that was never connected.
    return descriptor_ < 0 || state_ == State::bound || state_ == State::listening
               ? -EPIPE
               : count_of(kernel_.send(descriptor_, from));
  }
  if (const CallResult bound = bind_any(); bound != 0) {
    return bound;
  }
  if (to == nullptr) {
    return peer().ok() ? count_of(kernel_.send(descriptor_, from)) : -EDESTADDRREQ;
  }
  sched::Message datagram;
  for (const sched::ConstBytes& piece : from) {
    datagram.insert(datagram.end(), piece.begin(), piece.end());
  }
  return count_of(kernel_.send_to(descriptor_, datagram, *to));
}

CallResult Socket::unread() {
  const auto info = kernel_.sockets();
  const auto found = std::ranges::find(info, descriptor_, &SocketInfo::descriptor);
  return state_ == State::listening ? -EINVAL
         : found == info.end()      ? 0
                                    : static_cast<CallResult>(found->recv_queue);
}

Result<Endpoint> Socket::local() const {
  if (name_) {
    return *name_;
  }
  if (descriptor_ < 0) {
    return domain_ == AF_UNIX ? sched::unix_unnamed() : any_address();
  }
  return kernel_.local(descriptor_);
}

Result<Endpoint> Socket::peer() const {
  return descriptor_ < 0 ? Result<Endpoint>(std::errc::not_connected) : kernel_.peer(descriptor_);
}

Events Socket::events() {
  Events found = spurious_;
  bool ended = reading_shut_;
  if (descriptor_ < 0) {
    found |= EPOLLOUT | EPOLLWRNORM | (is_stream() ? Events{EPOLLHUP} : 0U);
  } else {
    const Readiness ready = kernel_.probe(descriptor_).value();
    const auto add = [&](Readiness bit, Events events) {
      found |= any(ready, bit) ? events : Events{0};
    };
    add(Readiness::recv, EPOLLIN | EPOLLRDNORM);
    add(Readiness::send, EPOLLOUT | EPOLLWRNORM);
    add(Readiness::hang_up, EPOLLHUP);
    add(Readiness::error, EPOLLERR);
    ended = ended || receiving_ended(*kernel_.descriptors().find(descriptor_));
  }
  found |= kept_error_ != 0 ? Events{EPOLLERR} : 0U;
  found |= ended ? EPOLLIN | EPOLLRDNORM | EPOLLRDHUP : 0U;
  found |= reading_shut_ && writing_shut_ ? Events{EPOLLHUP} : 0U;
  return found;
}

void Socket::changed(Readiness what, bool spurious) {
  Events events = any_event;
  if (what == Readiness::recv || what == Readiness::send) {
    events = what == Readiness::recv ? EPOLLIN | EPOLLRDNORM : EPOLLOUT | EPOLLWRNORM;
  }
  spurious_ |= spurious ? events : Events{0};
  Pollable::changed(events);
}

void Socket::watched(Events events) {
  if (descriptor_ < 0) {
    return;
  }
  if ((events & EPOLLIN) != 0) {
    static_cast<void>(kernel_.watch(descriptor_, sched::Direction::recv));
  }
  if ((events & EPOLLOUT) != 0) {
    static_cast<void>(kernel_.watch(descriptor_, sched::Direction::send));
  }
}

CallResult Socket::take_error() {
  if (kept_error_ != 0) {
    return -std::exchange(kept_error_, 0);
  }
  if (descriptor_ < 0) {
    return 0;
  }
  const Result<> outcome = kernel_.connected(descriptor_);
  if (state_ == State::connecting && outcome.ok()) {
    state_ = State::connected;
  }
  return outcome.ok() || outcome.error() == sched::would_block
             ? 0
             : static_cast<CallResult>(outcome.error());
}

int* Socket::plain_option(int level, int name) {
  if (level == SOL_SOCKET) {
    switch (name) {
      case SO_REUSEADDR:
        return &reuse_address_;
      case SO_REUSEPORT:
        return &reuse_port_;
      case SO_BROADCAST:
        return &broadcast_;
      case SO_SNDBUF:
        return &send_buffer_;
      case SO_RCVBUF:
        return &receive_buffer_;
      default:
        return nullptr;
    }
  }
  if (level == IPPROTO_TCP && name == TCP_NODELAY) {
    return &no_delay_;
  }
  return level == IPPROTO_IPV6 && name == IPV6_V6ONLY ? &ipv6_only_ : nullptr;
}

CallResult Socket::option(int level, int name, void* value, socklen_t* size) {
  if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO)) {
    const timeval time = timeval_of(name == SO_RCVTIMEO ? receive_timeout_ : send_timeout_);
    return store(&time, sizeof time, value, size);
  }
  if (level == SOL_SOCKET && name == SO_LINGER) {
    const linger closing{stream_options_.reset_on_close ? 1 : 0, 0};
    return store(&closing, sizeof closing, value, size);
  }
  int number = 0;
  if (const int* plain = plain_option(level, name); plain != nullptr) {
    number = *plain;
  } else if (level == SOL_SOCKET) {
    switch (name) {
      case SO_ERROR:
        number = static_cast<int>(take_error());
        break;
      case SO_TYPE:
        number = type_;
        break;
      case SO_DOMAIN:
        number = domain_;
        break;
      case SO_PROTOCOL:
        number = domain_ == AF_UNIX ? 0 : is_stream() ? IPPROTO_TCP : IPPROTO_UDP;
        break;
      case SO_ACCEPTCONN:
        number = state_ == State::listening ? 1 : 0;
        break;
      case SO_KEEPALIVE:
        number = keep_alive_ ? 1 : 0;
        break;
      default:
        return -ENOPROTOOPT;
    }
  } else if (level == IPPROTO_TCP && is_stream()) {
    switch (name) {
      case TCP_KEEPIDLE:
        number = keep_alive_idle_;
        break;
      case TCP_KEEPINTVL:
        number = static_cast<int>(stream_options_.keep_alive_interval.count());
        break;
      case TCP_KEEPCNT:
        number = stream_options_.keep_alive_count;
        break;
      case TCP_USER_TIMEOUT:
        number = static_cast<int>(stream_options_.user_timeout.count());
        break;
      default:
        return -ENOPROTOOPT;
    }
  } else {
    return -ENOPROTOOPT;
  }
  return store(&number, sizeof number, value, size);
}

CallResult Socket::set_stream_options() {
  stream_options_.keep_alive_idle = std::chrono::seconds(keep_alive_ ? keep_alive_idle_ : 0);
  if (descriptor_ < 0 || domain_ == AF_UNIX || !is_stream() ||
      (state_ != State::connected && state_ != State::connecting &&
       kernel_.find<TcpEnd>(descriptor_, OpenFile::Kind::stream) == nullptr)) {
    return 0;
  }
  return error_of(kernel_.set_options(descriptor_, stream_options_));
}

CallResult Socket::set_option(int level, int name, const void* value, socklen_t size) {
  if (level == SOL_SOCKET && (name == SO_RCVTIMEO || name == SO_SNDTIMEO)) {
    timeval time{};
    if (size < sizeof time) {
      return -EINVAL;
    }
    std::memcpy(&time, value, sizeof time);
    (name == SO_RCVTIMEO ? receive_timeout_ : send_timeout_) = duration_of(time);
    return 0;
  }
  if (level == SOL_SOCKET && name == SO_LINGER) {
    linger closing{};
    if (size < sizeof closing) {
      return -EINVAL;
    }
    std::memcpy(&closing, value, sizeof closing);
    stream_options_.reset_on_close = closing.l_onoff != 0 && closing.l_linger == 0;
    return set_stream_options();
  }
  int number = 0;
  if (size < sizeof number) {
    return -EINVAL;
  }
  std::memcpy(&number, value, sizeof number);
  if (int* plain = plain_option(level, name); plain != nullptr) {
    *plain = number;
    return 0;
  }
  if (level == SOL_SOCKET && name == SO_KEEPALIVE) {
    keep_alive_ = number != 0;
    return set_stream_options();
  }
  if (level == IPPROTO_TCP && is_stream()) {
    switch (name) {
      case TCP_KEEPIDLE:
        keep_alive_idle_ = number;
        return set_stream_options();
      case TCP_KEEPINTVL:
        stream_options_.keep_alive_interval = std::chrono::seconds(number);
        return set_stream_options();
      case TCP_KEEPCNT:
        stream_options_.keep_alive_count = number;
        return set_stream_options();
      case TCP_USER_TIMEOUT:
        stream_options_.user_timeout = std::chrono::milliseconds(number);
        return set_stream_options();
      default:
        break;
    }
  }
  // Options that say how packets are marked and queued do not change what a program sees.
  const bool of_packets = level == IPPROTO_IP || level == IPPROTO_IPV6 || level == IPPROTO_TCP ||
                          (level == SOL_SOCKET && (name == SO_PRIORITY || name == SO_OOBINLINE));
  return of_packets ? 0 : -ENOPROTOOPT;
}

}  // namespace rehearsal::simnet
