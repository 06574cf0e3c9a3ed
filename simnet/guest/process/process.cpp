#include "simnet/guest/process/process.hpp"

#include <netdb.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/timerfd.h>

#include <algorithm>
#include <cstring>
#include <stdexcept>
#include <utility>

#include "sched/base/key.hpp"
#include "sched/core/task_record.hpp"
#include "simnet/guest/process/event_counter.hpp"
#include "simnet/guest/process/pipe.hpp"
#include "simnet/guest/process/time_value.hpp"
#include "simnet/guest/process/timer_file.hpp"

namespace rehearsal::simnet {

using sched::Endpoint;
using sched::Instant;
using sched::SocketAddress;

namespace {

// As many calls without a wait take this time, so that a program which polls in a loop does not
// stop the world.
constexpr std::uint32_t most_calls = 1000;
constexpr sched::Duration time_of_calls = std::chrono::microseconds(100);

constexpr CallResult most_bytes = 0x7ffff000;  // of one call of read(2)

std::size_t size_of(std::span<const iovec> pieces) {
  std::size_t size = 0;
  for (const iovec& one : pieces) {
    size += one.iov_len;
  }
  return std::min<std::size_t>(size, most_bytes);
}

void store_address(const sched::Result<Endpoint>& at, sockaddr* address, socklen_t* size) {
  if (address == nullptr || size == nullptr) {
    return;
  }
  const SocketAddress stored(at.value());
  std::memcpy(address, stored.get(), std::min(*size, stored.size()));
  *size = stored.size();
}

// The rest of the bytes after the first `count`.
std::vector<iovec> without_first(std::span<const iovec> pieces, std::size_t count) {
  std::vector<iovec> rest;
  for (iovec one : pieces) {
    const std::size_t gone = std::min(one.iov_len, count);
    count -= gone;
    one.iov_base = static_cast<std::byte*>(one.iov_base) + gone;
    one.iov_len -= gone;
    if (one.iov_len != 0) {
      rest.push_back(one);
    }
  }
  return rest;
}

// Calls `read` with one buffer of the size of all, and copies what it stored.
template <class Read>
CallResult scatter(std::span<const iovec> into, Read read) {
  if (into.size() == 1) {
    return read(sched::Bytes(static_cast<std::byte*>(into[0].iov_base),
                             std::min<std::size_t>(into[0].iov_len, most_bytes)));
  }
  std::vector<std::byte> bytes(size_of(into));
  const CallResult count = read(bytes);
  std::size_t done = 0;
  for (const iovec& one : into) {
    const auto got = static_cast<std::size_t>(std::max<CallResult>(count, 0));
    const std::size_t part = std::min(one.iov_len, got - std::min(done, got));
    std::copy_n(bytes.begin() + static_cast<std::ptrdiff_t>(done), part,
                static_cast<std::byte*>(one.iov_base));
    done += part;
  }
  return count;
}

// Calls `write` with the pieces, at most as many as a send takes.
template <class Write>
CallResult gather(std::span<const iovec> from, Write write) {
  std::array<sched::ConstBytes, sched::max_pieces> pieces;
  if (from.size() <= pieces.size()) {
    std::ranges::transform(from, pieces.begin(), [](const iovec& one) {
      return sched::ConstBytes(static_cast<const std::byte*>(one.iov_base), one.iov_len);
    });
    return write(sched::Pieces(pieces).first(from.size()));
  }
  std::vector<std::byte> bytes;
  for (const iovec& one : from) {
    const auto* first = static_cast<const std::byte*>(one.iov_base);
    bytes.insert(bytes.end(), first, first + one.iov_len);
  }
  pieces[0] = bytes;
  return write(sched::Pieces(pieces).first(1));
}

// Returns what a call returns that fails after it has moved a part of its bytes. The next call
// reports the error of a connection.
CallResult moved(Socket* socket, std::size_t bytes, CallResult error) {
  if (socket != nullptr && error != -EAGAIN && error != -EINTR && error != -EPIPE) {
    socket->keep_error(error);
  }
  return static_cast<CallResult>(bytes);
}

}  // namespace

Process::Process(Kernel& kernel, sched::Executor& executor, Thread& thread)
    : kernel_(kernel), executor_(executor), thread_(thread), files_(kernel.options().descriptors) {}

void Process::enter() {
  if (kernel_.process_end().at_call(kernel_)) {
    thread_.stop();
  }
  if (++calls_ > most_calls) {
    wait({}, kernel_.now() + time_of_calls, "the time that its calls take", -1);
  }
}

Thread::End Process::wait(std::vector<std::shared_ptr<Pollable>> files, Instant until,
                          const char* call, int number) {
  calls_ = 0;
  std::string text = call;
  if (number >= 0) {
    text += " on " + std::to_string(number);
  }
  return thread_.wait(std::move(files), until, std::move(text));
}

template <class Attempt>
CallResult Process::block(int number, Events events, bool blocks, sched::Duration timeout,
                          const char* call, Attempt attempt) {
  const Instant until = timeout == sched::Duration::zero() ? Instant(sched::never)
                                                           : sched::after(kernel_.now(), timeout);
  for (;;) {
    const std::shared_ptr<Description>& file = files_.shared(number);
    const std::uint64_t changes = file->changes();
    const CallResult result = attempt();
    if (result != -EAGAIN || !blocks) {
      return result;
    }
    if (file->changes() != changes) {
      continue;  // a choice made the attempt fail, and the file is ready
    }
    file->watched(events);
    switch (wait({file}, until, call, number)) {
      case Thread::End::timed_out:
        return -EAGAIN;
      case Thread::End::interrupted:
        return -EINTR;
      case Thread::End::woken:
        break;
    }
  }
}

CallResult Process::no_socket(int number) const {
  return files_.find(number) == nullptr ? -EBADF : -ENOTSOCK;
}

CallResult Process::open(std::shared_ptr<Description> file, int flags) {
  static_assert(SOCK_NONBLOCK == O_NONBLOCK && SOCK_CLOEXEC == O_CLOEXEC);
  file->flags |= flags & O_NONBLOCK;
  return files_.open(std::move(file), (flags & O_CLOEXEC) != 0);
}

CallResult Process::socket(int domain, int type, int protocol) {
  const int kind = type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC);
  const CallResult supported = Socket::supports(domain, kind, protocol);
  return supported != 0 ? supported : open(std::make_shared<Socket>(kernel_, domain, kind), type);
}

CallResult Process::socketpair(int domain, int type, int protocol, int* ends) {
  if (domain != AF_UNIX || (type & ~(SOCK_NONBLOCK | SOCK_CLOEXEC)) != SOCK_STREAM) {
    return -EOPNOTSUPP;
  }
  if (protocol != 0) {
    return -EPROTONOSUPPORT;
  }
  const auto pair = kernel_.unix_sockets().pair();
  if (!pair.ok()) {
    return -static_cast<CallResult>(pair.error());
  }
  const auto one = std::make_shared<Socket>(kernel_, domain, SOCK_STREAM);
  one->take(pair.value().one);
  const auto other = std::make_shared<Socket>(kernel_, domain, SOCK_STREAM);
  other->take(pair.value().other);
  const CallResult first = open(one, type);
  if (first < 0) {
    return first;
  }
  const CallResult second = open(other, type);
  if (second < 0) {
    files_.close(static_cast<int>(first));
    return second;
  }
  ends[0] = static_cast<int>(first);
  ends[1] = static_cast<int>(second);
  return 0;
}

CallResult Process::pipe(int* ends, int flags) {
  const auto bytes = std::make_shared<Pipe>();
  const CallResult reader = open(std::make_shared<PipeEnd>(bytes, nullptr), flags);
  if (reader < 0) {
    return reader;
  }
  const CallResult writer = open(std::make_shared<PipeEnd>(nullptr, bytes), flags);
  if (writer < 0) {
    files_.close(static_cast<int>(reader));
    return writer;
  }
  ends[0] = static_cast<int>(reader);
  ends[1] = static_cast<int>(writer);
  return 0;
}

CallResult Process::bind(int number, const sockaddr* address, socklen_t size) {
  auto* socket = find<Socket>(number);
  if (socket == nullptr) {
    return no_socket(number);
  }
  return size < sizeof(sa_family_t) ? -EINVAL
                                    : socket->bind(SocketAddress(address, size).endpoint());
}

CallResult Process::listen(int number, int backlog) {
  auto* socket = find<Socket>(number);
  return socket == nullptr ? no_socket(number) : socket->listen(backlog);
}

CallResult Process::accept(int number, sockaddr* address, socklen_t* size, int flags) {
  auto* socket = find<Socket>(number);
  if (socket == nullptr) {
    return no_socket(number);
  }
  sched::Accepted accepted;
  const CallResult result = block(number, EPOLLIN, socket->blocks(), socket->receive_timeout(),
                                  "accept", [&] { return socket->accept(accepted); });
  if (result != 0) {
    return result;
  }
  auto connection = std::make_shared<Socket>(kernel_, socket->domain(), SOCK_STREAM);
  connection->take(accepted.descriptor);
  store_address(accepted.peer, address, size);
  return open(std::move(connection), flags);
}

CallResult Process::connect(int number, const sockaddr* address, socklen_t size) {
  auto* socket = find<Socket>(number);
  if (socket == nullptr) {
    return no_socket(number);
  }
  if (size < sizeof(sa_family_t)) {
    return -EINVAL;
  }
  const Endpoint to = SocketAddress(address, size).endpoint();
  const CallResult begun = socket->connect(to);
  if ((begun != -EINPROGRESS && begun != -EALREADY) || !socket->blocks()) {
    return begun;
  }
  return block(number, EPOLLOUT, true, socket->send_timeout(), "connect", [&] {
    const CallResult result = socket->connect(to);
    return result == -EALREADY ? -EAGAIN : result;
  });
}

CallResult Process::shutdown(int number, int how) {
  auto* socket = find<Socket>(number);
  return socket == nullptr ? no_socket(number) : socket->shutdown(how);
}

CallResult Process::getsockname(int number, sockaddr* address, socklen_t* size) {
  auto* socket = find<Socket>(number);
  if (socket == nullptr) {
    return no_socket(number);
  }
  const auto at = socket->local();
  store_address(at, address, size);
  return 0;
}

CallResult Process::getpeername(int number, sockaddr* address, socklen_t* size) {
  auto* socket = find<Socket>(number);
  if (socket == nullptr) {
    return no_socket(number);
  }
  const auto at = socket->peer();
  if (!at.ok()) {
    return -static_cast<CallResult>(at.error());
  }
  store_address(at, address, size);
  return 0;
}

CallResult Process::getsockopt(int number, int level, int name, void* value, socklen_t* size) {
  auto* socket = find<Socket>(number);
  return socket == nullptr ? no_socket(number) : socket->option(level, name, value, size);
}

CallResult Process::setsockopt(int number, int level, int name, const void* value, socklen_t size) {
  auto* socket = find<Socket>(number);
  return socket == nullptr ? no_socket(number) : socket->set_option(level, name, value, size);
}

// Raises SIGPIPE, unless the program does not want it.
CallResult Process::broken_pipe(int flags) {
  if ((flags & MSG_NOSIGNAL) != 0) {
    return -EPIPE;
  }
  const struct sigaction action = actions_[SIGPIPE];
  if (sigismember(&blocked_, SIGPIPE) == 1) {
    pipe_broken_ = pipe_broken_ || action.sa_handler != SIG_IGN;
    return -EPIPE;
  }
  if (action.sa_handler == SIG_DFL) {
    thread_.exit(std::make_exception_ptr(std::runtime_error("killed by SIGPIPE")));
  }
  if (action.sa_handler != SIG_IGN) {
    action.sa_handler(SIGPIPE);
  }
  return -EPIPE;
}

CallResult Process::transmit(int number, std::span<const iovec> from, int flags,
                             const Endpoint* to) {
  Description& file = *files_.find(number);
  auto* socket = dynamic_cast<Socket*>(&file);
  const bool blocks = file.blocks() && (flags & MSG_DONTWAIT) == 0;
  const bool is_stream = socket == nullptr || socket->is_stream();
  const std::size_t size = size_of(from);
  std::size_t sent = 0;
  std::vector<iovec> rest;
  for (;;) {
    const CallResult count =
        block(number, EPOLLOUT, blocks,
              socket == nullptr ? sched::Duration::zero() : socket->send_timeout(), "send", [&] {
                return gather(from, [&](sched::Pieces pieces) {
                  return socket == nullptr ? file.write(pieces) : socket->send(pieces, to);
                });
              });
    if (count == -EPIPE && sent == 0) {
      return broken_pipe(flags);
    }
    if (count < 0) {
      return sent == 0 ? count : moved(socket, sent, count);
    }
    sent += static_cast<std::size_t>(count);
    // A call that blocks sends all.
    if (!blocks || !is_stream || sent >= size) {
      return static_cast<CallResult>(sent);
    }
    rest = without_first(rest.empty() ? from : rest, static_cast<std::size_t>(count));
    from = rest;
  }
}

CallResult Process::receive(int number, std::span<const iovec> into, int flags,
                            Socket::Message& message) {
  Description& file = *files_.find(number);
  auto* socket = dynamic_cast<Socket*>(&file);
  const bool blocks = file.blocks() && (flags & MSG_DONTWAIT) == 0;
  const bool is_stream = socket == nullptr || socket->is_stream();
  const bool wants_all = (flags & MSG_WAITALL) != 0 && is_stream && blocks;
  const bool peeks = (flags & MSG_PEEK) != 0;
  const std::size_t size = size_of(into);
  std::size_t got = 0;
  std::vector<iovec> rest;
  for (;;) {
    const CallResult count = block(
        number, EPOLLIN, blocks,
        socket == nullptr ? sched::Duration::zero() : socket->receive_timeout(), "recv", [&] {
          return scatter(into, [&](sched::Bytes bytes) {
            return socket != nullptr ? socket->receive(bytes, flags, message) : file.read(bytes);
          });
        });
    if (count < 0) {
      return got == 0 ? count : moved(socket, got, count);
    }
    got += static_cast<std::size_t>(count);
    if (!wants_all || count == 0 || got >= size || peeks) {
      return static_cast<CallResult>(got);
    }
    rest = without_first(rest.empty() ? into : rest, static_cast<std::size_t>(count));
    into = rest;
  }
}

CallResult Process::sendmsg(int number, const msghdr& message, int flags) {
  if (find<Socket>(number) == nullptr) {
    return no_socket(number);
  }
  if (message.msg_controllen != 0) {
    return -EOPNOTSUPP;
  }
  const bool has_address = message.msg_name != nullptr && message.msg_namelen != 0;
  const Endpoint to = has_address ? SocketAddress(static_cast<const sockaddr*>(message.msg_name),
                                                  message.msg_namelen)
                                        .endpoint()
                                  : Endpoint();
  return transmit(number, {message.msg_iov, message.msg_iovlen}, flags,
                  has_address ? &to : nullptr);
}

CallResult Process::recvmsg(int number, msghdr& message, int flags) {
  if (find<Socket>(number) == nullptr) {
    return no_socket(number);
  }
  Socket::Message received;
  const std::span<const iovec> into(message.msg_iov, message.msg_iovlen);
  const CallResult count = receive(number, into, flags, received);
  if (count < 0) {
    return count;
  }
  message.msg_flags = 0;
  message.msg_controllen = 0;
  if (received.from) {
    store_address(*received.from, static_cast<sockaddr*>(message.msg_name), &message.msg_namelen);
    if (received.full_size > static_cast<std::size_t>(count)) {
      message.msg_flags |= MSG_TRUNC;
      return (flags & MSG_TRUNC) != 0 ? static_cast<CallResult>(received.full_size) : count;
    }
  } else {
    message.msg_namelen = 0;
  }
  return count;
}

CallResult Process::readv(int number, std::span<const iovec> into) {
  Description* file = files_.find(number);
  if (file == nullptr || (file->flags & O_ACCMODE) == O_WRONLY) {
    return -EBADF;
  }
  Socket::Message message;
  return receive(number, into, 0, message);
}

CallResult Process::writev(int number, std::span<const iovec> from) {
  Description* file = files_.find(number);
  if (file == nullptr || (file->flags & O_ACCMODE) == O_RDONLY) {
    return -EBADF;
  }
  return transmit(number, from, 0, nullptr);
}

CallResult Process::close(int number) { return files_.close(number); }

CallResult Process::dup(int number) {
  const auto& file = files_.shared(number);
  return file == nullptr ? -EBADF : files_.open(file, false);
}

CallResult Process::dup3(int number, int as, int flags) {
  const auto& file = files_.shared(number);
  if (file == nullptr) {
    return -EBADF;
  }
  return number == as ? -EINVAL : files_.replace(as, file, (flags & O_CLOEXEC) != 0);
}

CallResult Process::fcntl(int number, int command, long argument) {
  const auto& file = files_.shared(number);
  if (file == nullptr) {
    return -EBADF;
  }
  constexpr int changeable = O_APPEND | O_ASYNC | O_DIRECT | O_NOATIME | O_NONBLOCK;
  switch (command) {
    case F_GETFL:
      return file->flags;
    case F_SETFL:
      file->flags = (file->flags & ~changeable) | (static_cast<int>(argument) & changeable);
      return 0;
    case F_GETFD:
      return files_.close_on_exec(number) ? FD_CLOEXEC : 0;
    case F_SETFD:
      files_.close_on_exec(number) = (argument & FD_CLOEXEC) != 0;
      return 0;
    case F_DUPFD:
    case F_DUPFD_CLOEXEC:
      return files_.open(file, command == F_DUPFD_CLOEXEC, static_cast<int>(argument));
    default:
      return -EINVAL;
  }
}

CallResult Process::ioctl(int number, unsigned long request, void* argument) {
  Description* file = files_.find(number);
  if (file == nullptr) {
    return -EBADF;
  }
  switch (request) {
    case FIONBIO: {
      int on = 0;
      std::memcpy(&on, argument, sizeof on);
      file->flags = (file->flags & ~O_NONBLOCK) | (on != 0 ? O_NONBLOCK : 0);
      return 0;
    }
    case FIONREAD: {
      const CallResult unread = file->unread();
      const int count = static_cast<int>(unread);
      if (unread >= 0) {
        std::memcpy(argument, &count, sizeof count);
      }
      return std::min<CallResult>(unread, 0);
    }
    default:
      return -ENOTTY;
  }
}

Instant Process::deadline(const timespec* timeout) const {
  return timeout == nullptr ? Instant(sched::never)
                            : sched::after(kernel_.now(), duration_of(*timeout));
}

CallResult Process::count_ready(std::span<pollfd> files) {
  CallResult ready = 0;
  for (pollfd& one : files) {
    one.revents = 0;
    if (one.fd < 0) {
      continue;
    }
    Description* file = files_.find(one.fd);
    const auto wanted = static_cast<Events>(static_cast<unsigned short>(one.events));
    const Events found = file == nullptr ? POLLNVAL : file->events() & (wanted | POLLERR | POLLHUP);
    one.revents = static_cast<short>(found);
    if (found != 0) {
      ++ready;
      if (file != nullptr) {
        file->shown();
      }
    }
  }
  return ready;
}

CallResult Process::poll(std::span<pollfd> files, const timespec* timeout) {
  if (timeout != nullptr && !is_valid(*timeout)) {
    return -EINVAL;
  }
  const Instant until = deadline(timeout);
  const bool blocks = timeout == nullptr || duration_of(*timeout) != sched::Duration::zero();
  for (;;) {
    const CallResult ready = count_ready(files);
    if (ready != 0 || !blocks) {
      return ready;
    }
    std::vector<std::shared_ptr<Pollable>> waited;
    for (const pollfd& one : files) {
      if (const auto& file = files_.shared(one.fd); file != nullptr) {
        file->watched(static_cast<unsigned short>(one.events));
        waited.push_back(file);
      }
    }
    switch (wait(std::move(waited), until, "poll", files.size() == 1 ? files[0].fd : -1)) {
      case Thread::End::timed_out:
        return count_ready(files);
      case Thread::End::interrupted:
        return -EINTR;
      case Thread::End::woken:
        break;
    }
  }
}

CallResult Process::select(int count, fd_set* reading, fd_set* writing, fd_set* urgent,
                           const timespec* timeout) {
  // POLLIN_SET, POLLOUT_SET and POLLEX_SET of Linux.
  constexpr short readable = POLLIN | POLLHUP | POLLERR | POLLRDNORM;
  constexpr short writable = POLLOUT | POLLERR | POLLWRNORM;
  if (count < 0 || (timeout != nullptr && !is_valid(*timeout))) {
    return -EINVAL;
  }
  std::vector<pollfd> files;
  const auto has = [](const fd_set* set, int number) {
    return set != nullptr && FD_ISSET(number, set);
  };
  for (int number = 0; number < std::min<int>(count, FD_SETSIZE); ++number) {
    const int wanted = (has(reading, number) ? POLLIN | POLLRDNORM : 0) |
                       (has(writing, number) ? POLLOUT | POLLWRNORM : 0) |
                       (has(urgent, number) ? POLLPRI : 0);
    if (wanted == 0) {
      continue;
    }
    if (files_.find(number) == nullptr) {
      return -EBADF;
    }
    files.push_back({number, static_cast<short>(wanted), 0});
  }
  CallResult bits = poll(files, timeout);
  if (bits < 0) {
    return bits;
  }
  bits = 0;
  for (const pollfd& one : files) {
    const auto keep = [&](fd_set* set, int events) {
      if (has(set, one.fd)) {
        if ((one.revents & events) != 0) {
          ++bits;
        } else {
          FD_CLR(one.fd, set);
        }
      }
    };
    keep(reading, readable);
    keep(writing, writable);
    keep(urgent, POLLPRI);
  }
  return bits;
}

CallResult Process::epoll_create(int flags) {
  return (flags & ~EPOLL_CLOEXEC) != 0 ? -EINVAL : open(std::make_shared<Epoll>(), flags);
}

CallResult Process::epoll_ctl(int number, int operation, int other, const epoll_event* event) {
  Description* file = files_.find(other);
  if (file == nullptr || files_.find(number) == nullptr) {
    return -EBADF;
  }
  auto* epoll = find<Epoll>(number);
  if (operation != EPOLL_CTL_DEL && event == nullptr) {
    return -EFAULT;
  }
  return epoll == nullptr ? -EINVAL : epoll->control(operation, other, *file, event);
}

CallResult Process::epoll_wait(int number, std::span<epoll_event> into, int milliseconds) {
  auto* epoll = find<Epoll>(number);
  if (epoll == nullptr) {
    return files_.find(number) == nullptr ? -EBADF : -EINVAL;
  }
  if (into.empty()) {
    return -EINVAL;
  }
  const sched::Duration timeout = std::chrono::milliseconds(std::max(milliseconds, 0));
  const CallResult count = block(number, EPOLLIN, milliseconds != 0, timeout, "epoll_wait", [&] {
    const CallResult ready = epoll->collect(into);
    return ready == 0 ? -EAGAIN : ready;
  });
  return count == -EAGAIN ? 0 : count;
}

CallResult Process::eventfd(unsigned initial, int flags) {
  if ((flags & ~(EFD_CLOEXEC | EFD_NONBLOCK | EFD_SEMAPHORE)) != 0) {
    return -EINVAL;
  }
  return open(std::make_shared<EventCounter>(initial, (flags & EFD_SEMAPHORE) != 0), flags);
}

CallResult Process::timerfd_create(int clock, int flags) {
  if ((flags & ~(TFD_CLOEXEC | TFD_NONBLOCK)) != 0) {
    return -EINVAL;
  }
  const std::uint64_t task = kernel_.task() == nullptr ? 0 : kernel_.task()->key();
  const std::uint64_t key = sched::extend_key(task, "timer" + std::to_string(timers_++));
  return open(std::make_shared<TimerFile>(kernel_, executor_, key, clock), flags);
}

CallResult Process::timerfd_settime(int number, int flags, const itimerspec& value,
                                    itimerspec* before) {
  auto* timer = find<TimerFile>(number);
  return timer == nullptr ? (files_.find(number) == nullptr ? -EBADF : -EINVAL)
                          : timer->set(flags, value, before);
}

CallResult Process::timerfd_gettime(int number, itimerspec& value) {
  auto* timer = find<TimerFile>(number);
  if (timer == nullptr) {
    return files_.find(number) == nullptr ? -EBADF : -EINVAL;
  }
  timer->get(value);
  return 0;
}

CallResult Process::clock_nanosleep(int clock, int flags, const timespec& time) {
  if (!is_valid(time)) {
    return -EINVAL;
  }
  Instant until = sched::after(kernel_.now(), duration_of(time));
  if ((flags & TIMER_ABSTIME) != 0) {
    const auto epoch = clock == CLOCK_REALTIME ? kernel_.fabric().epoch.time_since_epoch()
                                               : sched::Duration::zero();
    until = Instant(duration_of(time) - epoch);
  }
  return wait({}, until, "sleep", -1) == Thread::End::interrupted ? -EINTR : 0;
}

CallResult Process::sigaction(int number, const struct sigaction* action,
                              struct sigaction* before) {
  if (number < 1 || number >= NSIG || number == SIGKILL || number == SIGSTOP) {
    return -EINVAL;
  }
  struct sigaction& known = actions_[number];
  if (before != nullptr) {
    *before = known;
  }
  if (action != nullptr) {
    known = *action;
  }
  return 0;
}

CallResult Process::sigprocmask(int how, const sigset_t* signals, sigset_t* before) {
  if (before != nullptr) {
    *before = blocked_;
  }
  if (signals == nullptr) {
    return 0;
  }
  if (how == SIG_SETMASK) {
    blocked_ = *signals;
    return 0;
  }
  if (how != SIG_BLOCK && how != SIG_UNBLOCK) {
    return -EINVAL;
  }
  for (int number = 1; number < NSIG; ++number) {
    if (sigismember(signals, number) == 1) {
      static_cast<void>(how == SIG_BLOCK ? sigaddset(&blocked_, number)
                                         : sigdelset(&blocked_, number));
    }
  }
  return 0;
}

CallResult Process::sigpending(sigset_t& signals) const {
  sigemptyset(&signals);
  if (pipe_broken_) {
    sigaddset(&signals, SIGPIPE);
  }
  return 0;
}

CallResult Process::take_pending(const sigset_t& signals) {
  if (!pipe_broken_ || sigismember(&signals, SIGPIPE) != 1) {
    return -EAGAIN;
  }
  pipe_broken_ = false;
  return SIGPIPE;
}

namespace {

// A look-up of a name, while it runs.
class LookUp final : public Pollable, private Watcher {
 public:
  LookUp(Kernel& kernel, sched::Descriptor descriptor) : kernel_(kernel), descriptor_(descriptor) {
    kernel.set_watcher(descriptor, *this);
  }
  LookUp(const LookUp&) = delete;
  LookUp& operator=(const LookUp&) = delete;
  ~LookUp() override { kernel_.forget_watcher(descriptor_, *this); }
  [[nodiscard]] Events events() override { return 0; }

 private:
  void changed(sched::Readiness /*what*/, bool /*spurious*/) override {
    Pollable::changed(EPOLLIN);
  }

  Kernel& kernel_;
  sched::Descriptor descriptor_;
};

}  // namespace

int Process::resolve(const std::string& name, std::vector<Endpoint>& addresses) {
  const auto opened = kernel_.resolve(name);
  if (!opened.ok()) {
    return EAI_SYSTEM;
  }
  const auto look_up = std::make_shared<LookUp>(kernel_, opened.value());
  for (;;) {
    auto found = kernel_.resolved(opened.value());
    if (found.error() != sched::would_block) {
      kernel_.close(opened.value());
      if (found.ok()) {
        addresses = std::move(found.value());
        return 0;
      }
      switch (found.error()) {
        case std::errc::no_such_device_or_address:
          return EAI_NONAME;
        case std::errc::timed_out:
          return EAI_AGAIN;
        case std::errc::not_enough_memory:
          return EAI_MEMORY;
        default:
          return EAI_FAIL;
      }
    }
    wait({look_up}, sched::never, "getaddrinfo", -1);
  }
}

}  // namespace rehearsal::simnet
