// Process: a program as the simulated kernel sees it: its descriptors, and the calls of the C
// library on them. Each call takes and returns what the one of its name in section 2 of the manual
// does, but returns a negative errno on failure.
#pragma once

#include <poll.h>
#include <sys/epoll.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <sys/uio.h>

#include <csignal>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "simnet/guest/process/descriptor_table.hpp"
#include "simnet/guest/process/epoll.hpp"
#include "simnet/guest/process/pollable.hpp"
#include "simnet/guest/process/socket.hpp"
#include "simnet/kernel/kernel.hpp"

namespace rehearsal::simnet {

class Process {
 public:
  // The calls run on `thread`.
  Process(Kernel& kernel, sched::Executor& executor, Thread& thread);
  Process(const Process&) = delete;
  Process& operator=(const Process&) = delete;

  // Called before each call: ends the thread if the process has ended, as by a fault of its host.
  void enter();

  CallResult socket(int domain, int type, int protocol);
  CallResult socketpair(int domain, int type, int protocol, int* ends);
  CallResult bind(int number, const sockaddr* address, socklen_t size);
  CallResult listen(int number, int backlog);
  CallResult accept(int number, sockaddr* address, socklen_t* size, int flags);
  CallResult connect(int number, const sockaddr* address, socklen_t size);
  CallResult shutdown(int number, int how);
  CallResult getsockname(int number, sockaddr* address, socklen_t* size);
  CallResult getpeername(int number, sockaddr* address, socklen_t* size);
  CallResult getsockopt(int number, int level, int name, void* value, socklen_t* size);
  CallResult setsockopt(int number, int level, int name, const void* value, socklen_t size);
  CallResult sendmsg(int number, const msghdr& message, int flags);
  CallResult recvmsg(int number, msghdr& message, int flags);
  CallResult readv(int number, std::span<const iovec> into);
  CallResult writev(int number, std::span<const iovec> from);
  CallResult close(int number);
  CallResult dup(int number);
  CallResult dup3(int number, int as, int flags);
  CallResult fcntl(int number, int command, long argument);
  CallResult ioctl(int number, unsigned long request, void* argument);
  CallResult poll(std::span<pollfd> files, const timespec* timeout);
  CallResult select(int count, fd_set* reading, fd_set* writing, fd_set* urgent,
                    const timespec* timeout);
  CallResult epoll_create(int flags);
  CallResult epoll_ctl(int number, int operation, int other, const epoll_event* event);
  CallResult epoll_wait(int number, std::span<epoll_event> into, int milliseconds);
  CallResult eventfd(unsigned initial, int flags);
  CallResult timerfd_create(int clock, int flags);
  CallResult timerfd_settime(int number, int flags, const itimerspec& value, itimerspec* before);
  CallResult timerfd_gettime(int number, itimerspec& value);
  CallResult pipe(int* ends, int flags);
  CallResult clock_nanosleep(int clock, int flags, const timespec& time);
  CallResult sigaction(int number, const struct sigaction* action, struct sigaction* before);
  CallResult sigprocmask(int how, const sigset_t* signals, sigset_t* before);
  // The only signal that is raised is SIGPIPE, by a call of the program.
  CallResult sigpending(sigset_t& signals) const;
  // Takes a pending signal of `signals`, and returns its number; -EAGAIN if there is none.
  CallResult take_pending(const sigset_t& signals);
  // Stores the addresses of a host of the world; 0 or an EAI_ code of getaddrinfo(3).
  int resolve(const std::string& name, std::vector<sched::Endpoint>& addresses);

  [[nodiscard]] Kernel& kernel() const { return kernel_; }
  [[nodiscard]] Thread& thread() const { return thread_; }

 private:
  // Makes attempts until one does not return -EAGAIN, and waits for `events` of `file` in between.
  template <class Attempt>
  CallResult block(int number, Events events, bool blocks, sched::Duration timeout,
                   const char* call, Attempt attempt);
  template <class T>
  [[nodiscard]] T* find(int number) const {
    return dynamic_cast<T*>(files_.find(number));
  }
  // Returns -EBADF if the number is not open, or -ENOTSOCK.
  [[nodiscard]] CallResult no_socket(int number) const;
  CallResult open(std::shared_ptr<Description> file, int flags);
  CallResult receive(int number, std::span<const iovec> into, int flags, Socket::Message& message);
  CallResult transmit(int number, std::span<const iovec> from, int flags,
                      const sched::Endpoint* to);
  CallResult broken_pipe(int flags);
  // Waits until one of `files` has changed.
  Thread::End wait(std::vector<std::shared_ptr<Pollable>> files, sched::Instant until,
                   const char* call, int number);
  CallResult count_ready(std::span<pollfd> files);
  [[nodiscard]] sched::Instant deadline(const timespec* timeout) const;

  Kernel& kernel_;
  sched::Executor& executor_;
  Thread& thread_;
  DescriptorTable files_;
  std::map<int, struct sigaction> actions_;
  sigset_t blocked_{};
  bool pipe_broken_ = false;  // SIGPIPE is pending
  std::uint64_t timers_ = 0;
  std::uint32_t calls_ = 0;  // since the last wait
};

}  // namespace rehearsal::simnet
