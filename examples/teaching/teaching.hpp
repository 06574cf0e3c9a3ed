// The program that Rehearsal grew out of: tasks that wait for plain sockets, and an echo server
// over them. Whatever tells the scheduler which sockets are ready: select(), or a script.
#pragma once

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstddef>
#include <string>
#include <system_error>
#include <utility>

#include <rehearsal/scheduler.hpp>

// Owns a non-blocking socket of the kernel, which the scheduler knows by its handle.
template <rehearsal::Source S>
class Socket {
 public:
  Socket(rehearsal::Scheduler<S>& scheduler, int fd)
      : scheduler_(scheduler), handle_(scheduler.handles().open(fd, rehearsal::Readiness::none)) {}
  Socket(Socket&& other) noexcept
      : scheduler_(other.scheduler_), handle_(std::exchange(other.handle_, {})) {}
  ~Socket() {
    if (handle_.descriptor >= 0) {
      scheduler_.handles().close(handle_);
      ::close(handle_.descriptor);
    }
  }

  // Returns what `call` returns; waits and calls again while it would block.
  template <class Call>
  rehearsal::Task<std::size_t> ready(rehearsal::Direction way, Call call) {
    for (;;) {
      const auto result = call(handle_.descriptor);
      if (result >= 0) {
        co_return static_cast<std::size_t>(result);
      }
      if (errno != EAGAIN) {
        throw std::system_error(errno, std::generic_category(), "a call on a socket");
      }
      co_await scheduler_.wait(handle_, way);
    }
  }

 private:
  rehearsal::Scheduler<S>& scheduler_;
  rehearsal::Handle handle_;
};

template <rehearsal::Source S>
rehearsal::Task<> echo_handler(Socket<S> client) {
  std::array<char, 1000> data{};
  for (;;) {
    auto receive = [&](int fd) { return ::recv(fd, data.data(), data.size(), 0); };
    const std::size_t size = co_await client.ready(rehearsal::Direction::recv, receive);
    if (size == 0) {
      break;
    }
    std::string answer = "GOT:" + std::string(data.data(), size);
    while (!answer.empty()) {
      auto send = [&](int fd) { return ::send(fd, answer.data(), answer.size(), MSG_NOSIGNAL); };
      const std::size_t sent = co_await client.ready(rehearsal::Direction::send, send);
      answer.erase(0, sent);
    }
  }
}

template <rehearsal::Source S>
rehearsal::Task<> tcp_server(rehearsal::Scheduler<S>& scheduler, Socket<S> listener) {
  for (;;) {
    auto accept = [](int fd) { return ::accept4(fd, nullptr, nullptr, SOCK_NONBLOCK); };
    const std::size_t client = co_await listener.ready(rehearsal::Direction::recv, accept);
    scheduler.spawn("echo", echo_handler(Socket(scheduler, static_cast<int>(client))));
  }
}
