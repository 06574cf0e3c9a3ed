// The parts that all echo peers share: flags, the listening socket, the line that prints its
// address, and the exit. None of them runs while messages are echoed.
#pragma once

#include <arpa/inet.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <charconv>
#include <csignal>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <string_view>
#include <system_error>

namespace peers {

struct Options {
  std::uint16_t port = 0;      // 0 means that the kernel picks one
  std::size_t buffer = 32768;  // maximum number of bytes per read
};

[[noreturn]] inline void refuse_flags(const char* program) {
  std::fprintf(stderr, "usage: %s [--port N] [--buffer BYTES]\n", program);
  std::exit(2);
}

inline Options options_from(int count, char** arguments) {
  Options options;
  const auto number = [&](int index, auto& into) {
    if (index >= count) refuse_flags(arguments[0]);
    const std::string_view text = arguments[index];
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), into);
    if (error != std::errc{} || end != text.data() + text.size()) refuse_flags(arguments[0]);
  };
  for (int index = 1; index < count; index += 2) {
    const std::string_view flag = arguments[index];
    if (flag == "--port") {
      number(index + 1, options.port);
    } else if (flag == "--buffer") {
      number(index + 1, options.buffer);
    } else {
      refuse_flags(arguments[0]);
    }
  }
  if (options.buffer == 0) refuse_flags(arguments[0]);
  return options;
}

[[noreturn]] inline void fail(const char* what) {
  std::fprintf(stderr, "%s: %s\n", what, std::strerror(errno));
  std::exit(1);
}

// Returns a non-blocking listening socket on the loopback interface, owned by the caller.
// TCP_NODELAY is set here once: on Linux each accepted socket inherits it.
inline int listen_on(std::uint16_t port) {
  const int listener = ::socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
  if (listener < 0) fail("socket");
  const int on = 1;
  if (::setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on) != 0) fail("SO_REUSEADDR");
  if (::setsockopt(listener, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on) != 0) fail("TCP_NODELAY");
  sockaddr_in address{};
  address.sin_family = AF_INET;
  address.sin_port = htons(port);
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  if (::bind(listener, reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0) {
    fail("bind");
  }
  if (::listen(listener, SOMAXCONN) != 0) fail("listen");
  return listener;
}

// Prints the address of the listener, and makes SIGTERM end the process with status 0. The handler
// exits at once, because a flag that the loop has to check would cost time in the loop.
inline void announce(int listener) {
  std::signal(SIGTERM, [](int) { ::_exit(0); });
  std::signal(SIGPIPE, SIG_IGN);
  sockaddr_in address{};
  socklen_t length = sizeof address;
  if (::getsockname(listener, reinterpret_cast<sockaddr*>(&address), &length) != 0) {
    fail("getsockname");
  }
  std::printf("listening on 127.0.0.1:%u\n", unsigned{ntohs(address.sin_port)});
  std::fflush(stdout);
}

}  // namespace peers
