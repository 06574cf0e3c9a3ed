// The calls of the C library on descriptors: a guest that makes them reaches the simulated kernel.
#include <fcntl.h>
#include <poll.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>
#include <sys/ioctl.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#include <cstdarg>

#include "simnet/guest/process/time_value.hpp"
#include "simnet/guest/symbols/real.hpp"

using rehearsal::simnet::timespec_of;

// NOLINTBEGIN(readability-inconsistent-declaration-parameter-name, *-macro-usage)
extern "C" {

int socket(int domain, int type, int protocol) noexcept {
  REHEARSAL_CALL(socket, (domain, type, protocol), socket(domain, type, protocol));
}
int socketpair(int domain, int type, int protocol, int ends[2]) noexcept {
  REHEARSAL_CALL(socketpair, (domain, type, protocol, ends),
                 socketpair(domain, type, protocol, ends));
}
int bind(int number, const sockaddr* address, socklen_t size) noexcept {
  REHEARSAL_CALL(bind, (number, address, size), bind(number, address, size));
}
int listen(int number, int backlog) noexcept {
  REHEARSAL_CALL(listen, (number, backlog), listen(number, backlog));
}
int accept(int number, sockaddr* address, socklen_t* size) {
  REHEARSAL_CALL(accept, (number, address, size), accept(number, address, size, 0));
}
int accept4(int number, sockaddr* address, socklen_t* size, int flags) {
  REHEARSAL_CALL(accept4, (number, address, size, flags), accept(number, address, size, flags));
}
int connect(int number, const sockaddr* address, socklen_t size) {
  REHEARSAL_CALL(connect, (number, address, size), connect(number, address, size));
}
int shutdown(int number, int how) noexcept {
  REHEARSAL_CALL(shutdown, (number, how), shutdown(number, how));
}
int getsockname(int number, sockaddr* address, socklen_t* size) noexcept {
  REHEARSAL_CALL(getsockname, (number, address, size), getsockname(number, address, size));
}
int getpeername(int number, sockaddr* address, socklen_t* size) noexcept {
  REHEARSAL_CALL(getpeername, (number, address, size), getpeername(number, address, size));
}
int getsockopt(int number, int level, int name, void* value, socklen_t* size) noexcept {
  REHEARSAL_CALL(getsockopt, (number, level, name, value, size),
                 getsockopt(number, level, name, value, size));
}
int setsockopt(int number, int level, int name, const void* value, socklen_t size) noexcept {
  REHEARSAL_CALL(setsockopt, (number, level, name, value, size),
                 setsockopt(number, level, name, value, size));
}

ssize_t send(int number, const void* bytes, size_t size, int flags) {
  iovec piece{const_cast<void*>(bytes), size};
  REHEARSAL_CALL(send, (number, bytes, size, flags),
                 sendmsg(number, msghdr{nullptr, 0, &piece, 1, nullptr, 0, 0}, flags));
}
ssize_t sendto(int number, const void* bytes, size_t size, int flags, const sockaddr* to,
               socklen_t to_size) {
  iovec piece{const_cast<void*>(bytes), size};
  REHEARSAL_CALL(
      sendto, (number, bytes, size, flags, to, to_size),
      sendmsg(number, msghdr{const_cast<sockaddr*>(to), to_size, &piece, 1, nullptr, 0, 0}, flags));
}
ssize_t sendmsg(int number, const msghdr* message, int flags) {
  REHEARSAL_CALL(sendmsg, (number, message, flags), sendmsg(number, *message, flags));
}
ssize_t recv(int number, void* bytes, size_t size, int flags) {
  iovec piece{bytes, size};
  msghdr message{nullptr, 0, &piece, 1, nullptr, 0, 0};
  REHEARSAL_CALL(recv, (number, bytes, size, flags), recvmsg(number, message, flags));
}
ssize_t recvfrom(int number, void* bytes, size_t size, int flags, sockaddr* from,
                 socklen_t* from_size) {
  iovec piece{bytes, size};
  msghdr message{from, from_size == nullptr ? 0 : *from_size, &piece, 1, nullptr, 0, 0};
  if (rehearsal::simnet::Guest::current() != nullptr) {
    const ssize_t got = recvmsg(number, &message, flags);
    if (got >= 0 && from_size != nullptr) {
      *from_size = message.msg_namelen;
    }
    return got;
  }
  REHEARSAL_REAL_CALL(recvfrom, (number, bytes, size, flags, from, from_size));
}
ssize_t recvmsg(int number, msghdr* message, int flags) {
  REHEARSAL_CALL(recvmsg, (number, message, flags), recvmsg(number, *message, flags));
}
ssize_t read(int number, void* bytes, size_t size) {
  const iovec piece{bytes, size};
  REHEARSAL_FILE_CALL(number, read, (number, bytes, size), readv(number, {&piece, 1}));
}
ssize_t write(int number, const void* bytes, size_t size) {
  const iovec piece{const_cast<void*>(bytes), size};
  REHEARSAL_FILE_CALL(number, write, (number, bytes, size), writev(number, {&piece, 1}));
}
ssize_t readv(int number, const iovec* pieces, int count) {
  REHEARSAL_FILE_CALL(number, readv, (number, pieces, count),
                      readv(number, {pieces, static_cast<size_t>(count)}));
}
ssize_t writev(int number, const iovec* pieces, int count) {
  REHEARSAL_FILE_CALL(number, writev, (number, pieces, count),
                      writev(number, {pieces, static_cast<size_t>(count)}));
}

int close(int number) { REHEARSAL_FILE_CALL(number, close, (number), close(number)); }
int dup(int number) noexcept { REHEARSAL_FILE_CALL(number, dup, (number), dup(number)); }
int dup2(int number, int as) noexcept {
  if (number == as && !rehearsal::simnet::DescriptorTable::is_real(number)) {
    REHEARSAL_FILE_CALL(number, dup2, (number, as), fcntl(number, F_GETFD, 0) < 0 ? -EBADF : as);
  }
  REHEARSAL_FILE_CALL(number, dup2, (number, as), dup3(number, as, 0));
}
int dup3(int number, int as, int flags) noexcept {
  REHEARSAL_FILE_CALL(number, dup3, (number, as, flags), dup3(number, as, flags));
}
int fcntl(int number, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  const long argument = va_arg(arguments, long);
  va_end(arguments);
  REHEARSAL_FILE_CALL(number, fcntl, (number, command, argument), fcntl(number, command, argument));
}
int fcntl64(int number, int command, ...) {
  va_list arguments;
  va_start(arguments, command);
  const long argument = va_arg(arguments, long);
  va_end(arguments);
  REHEARSAL_FILE_CALL(number, fcntl64, (number, command, argument),
                      fcntl(number, command, argument));
}
int ioctl(int number, unsigned long request, ...) noexcept {
  va_list arguments;
  va_start(arguments, request);
  void* argument = va_arg(arguments, void*);
  va_end(arguments);
  REHEARSAL_FILE_CALL(number, ioctl, (number, request, argument), ioctl(number, request, argument));
}

int poll(pollfd* files, nfds_t count, int milliseconds) {
  const timespec timeout = timespec_of(std::chrono::milliseconds(milliseconds));
  REHEARSAL_CALL(poll, (files, count, milliseconds),
                 poll({files, count}, milliseconds < 0 ? nullptr : &timeout));
}
int ppoll(pollfd* files, nfds_t count, const timespec* timeout, const sigset_t* mask) {
  REHEARSAL_CALL(ppoll, (files, count, timeout, mask), poll({files, count}, timeout));
}
int select(int count, fd_set* reading, fd_set* writing, fd_set* urgent, timeval* timeout) {
  const timespec time =
      timeout == nullptr ? timespec{} : timespec_of(rehearsal::simnet::duration_of(*timeout));
  REHEARSAL_CALL(select, (count, reading, writing, urgent, timeout),
                 select(count, reading, writing, urgent, timeout == nullptr ? nullptr : &time));
}
int pselect(int count, fd_set* reading, fd_set* writing, fd_set* urgent, const timespec* timeout,
            const sigset_t* mask) {
  REHEARSAL_CALL(pselect, (count, reading, writing, urgent, timeout, mask),
                 select(count, reading, writing, urgent, timeout));
}
int epoll_create(int size) noexcept {
  REHEARSAL_CALL(epoll_create, (size), epoll_create(size <= 0 ? -1 : 0));
}
int epoll_create1(int flags) noexcept {
  REHEARSAL_CALL(epoll_create1, (flags), epoll_create(flags));
}
int epoll_ctl(int number, int operation, int other, epoll_event* event) noexcept {
  REHEARSAL_CALL(epoll_ctl, (number, operation, other, event),
                 epoll_ctl(number, operation, other, event));
}
int epoll_wait(int number, epoll_event* events, int most, int milliseconds) {
  REHEARSAL_CALL(
      epoll_wait, (number, events, most, milliseconds),
      epoll_wait(number, {events, static_cast<size_t>(most < 0 ? 0 : most)}, milliseconds));
}
int epoll_pwait(int number, epoll_event* events, int most, int milliseconds, const sigset_t* mask) {
  REHEARSAL_CALL(
      epoll_pwait, (number, events, most, milliseconds, mask),
      epoll_wait(number, {events, static_cast<size_t>(most < 0 ? 0 : most)}, milliseconds));
}
int eventfd(unsigned initial, int flags) noexcept {
  REHEARSAL_CALL(eventfd, (initial, flags), eventfd(initial, flags));
}
int timerfd_create(clockid_t clock, int flags) noexcept {
  REHEARSAL_CALL(timerfd_create, (clock, flags), timerfd_create(clock, flags));
}
int timerfd_settime(int number, int flags, const itimerspec* value, itimerspec* before) noexcept {
  REHEARSAL_CALL(timerfd_settime, (number, flags, value, before),
                 timerfd_settime(number, flags, *value, before));
}
int timerfd_gettime(int number, itimerspec* value) noexcept {
  REHEARSAL_CALL(timerfd_gettime, (number, value), timerfd_gettime(number, *value));
}
int pipe(int ends[2]) noexcept { REHEARSAL_CALL(pipe, (ends), pipe(ends, 0)); }
int pipe2(int ends[2], int flags) noexcept {
  REHEARSAL_CALL(pipe2, (ends, flags), pipe(ends, flags));
}

}  // extern "C"
// NOLINTEND(readability-inconsistent-declaration-parameter-name, *-macro-usage)
