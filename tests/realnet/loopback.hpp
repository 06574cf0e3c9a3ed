// Parts shared by the tests of the real network: connections over loopback, and a
// guard against hanging.
#pragma once

#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "realnet/clock.hpp"
#include "realnet/epoll.hpp"
#include "realnet/select.hpp"
#include "sched/host.hpp"
#include "tests/patience.hpp"

namespace rehearsal::realnet {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::Descriptor;
using sched::Direction;
using sched::Endpoint;
using sched::Readiness;

inline sched::ConstBytes bytes(std::string_view text) { return std::as_bytes(std::span(text)); }
inline std::string text(sched::ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

// Ends the process if a test hangs. It does not use a timer of the scheduler: that would end waits
// without a deadline, which are under test.
class Guarded : public testing::Test {
 protected:
  Guarded() {
    ::alarm(static_cast<unsigned>(std::chrono::ceil<std::chrono::seconds>(patience()).count()));
  }
  ~Guarded() override { ::alarm(0); }
};

// Returns true if `descriptor` is readable, or becomes so within `limit`.
inline bool readable(Descriptor descriptor, std::chrono::milliseconds limit = 0ms) {
  pollfd ask{.fd = descriptor, .events = POLLIN, .revents = 0};
  return ::poll(&ask, 1, static_cast<int>(limit.count())) == 1;
}

// Calls until the result is not would_block, or the time is over.
template <class Call>
auto eventually(Descriptor descriptor, short events, Call call) {
  auto result = call();
  const sched::Instant end = monotonic_now() + patience();
  while (result.error() == sched::would_block && monotonic_now() < end) {
    pollfd ask{.fd = descriptor, .events = events, .revents = 0};
    ::poll(&ask, 1, 100);
    result = call();
  }
  return result;
}

inline sched::Result<std::size_t> send(Descriptor socket, std::string_view what) {
  const sched::ConstBytes piece = bytes(what);
  return Sockets::send(socket, {&piece, 1});
}

// Receives once, as soon as possible. Returns the data, or in brackets why there is none.
inline std::string receive(Descriptor socket, std::size_t at_most = 65536) {
  std::vector<std::byte> buffer(at_most);
  const auto size =
      eventually(socket, POLLIN | POLLHUP, [&] { return Sockets::recv(socket, buffer); });
  if (!size.ok()) {
    return "[" + std::make_error_code(size.error()).message() + "]";
  }
  return size.value() == 0 ? "[end]" : text(std::span(buffer).first(size.value()));
}

// Returns a listener on a free port of loopback.
inline Descriptor listen_on_loopback(const sched::ListenOptions& options = {}) {
  const auto listener = Sockets::listen({"127.0.0.1", 0}, options);
  EXPECT_TRUE(listener.ok());
  return listener.value();
}

// The two ends of a connection. The task or test that takes an end closes it.
struct Connection {
  Descriptor ours = -1;    // accepted
  Descriptor theirs = -1;  // connected
};

inline Connection connect_over_loopback() {
  const Descriptor listener = listen_on_loopback();
  const auto connecting = Sockets::connect(Sockets::local(listener).value());
  const auto accepted =
      eventually(listener, POLLIN, [listener] { return Sockets::accept(listener); });
  EXPECT_TRUE(connecting.ok() && accepted.ok());
  const Descriptor theirs = connecting.value().descriptor;
  EXPECT_TRUE(eventually(theirs, POLLOUT, [theirs] { return Sockets::connected(theirs); }).ok());
  Sockets::close(listener);
  return {.ours = accepted.value().descriptor, .theirs = theirs};
}

// Sends until the kernel takes no more. Returns how many bytes it took.
inline std::size_t fill(Descriptor socket) {
  const std::string chunk(65536, 'x');
  std::size_t sent = 0;
  for (;;) {
    const auto size = send(socket, chunk);
    if (!size.ok()) {
      EXPECT_EQ(size.error(), sched::would_block);
      return sent;
    }
    sent += size.value();
  }
}

// A pair of sockets that are closed at the end of the test.
class Ends {
 public:
  Ends() : ends_(connect_over_loopback()) {}
  Ends(const Ends&) = delete;
  Ends& operator=(const Ends&) = delete;
  ~Ends() {
    close_ours();
    close_theirs();
  }

  [[nodiscard]] Descriptor ours() const { return ends_.ours; }
  [[nodiscard]] Descriptor theirs() const { return ends_.theirs; }
  // Returns the descriptor and releases ownership.
  [[nodiscard]] Descriptor take_ours() { return std::exchange(ends_.ours, -1); }
  [[nodiscard]] Descriptor take_theirs() { return std::exchange(ends_.theirs, -1); }
  void close_ours() { close(ends_.ours); }
  void close_theirs() { close(ends_.theirs); }
  void abort_theirs() { Sockets::abort(take_theirs()); }

 private:
  static void close(Descriptor& descriptor) {
    if (descriptor >= 0) {
      Sockets::close(std::exchange(descriptor, -1));
    }
  }
  Connection ends_;
};

// Tests for both networks, each over its own source.
template <class Net>
class OverKernel : public Guarded {
 protected:
  // Returns what one wait of the source finds; wake_ shows how it ended.
  sched::ReadyList ask(sched::Deadline until) {
    sched::ReadyList ready;
    wake_ = net_.wait(until, ready);
    return ready;
  }
  sched::ReadyList ask_for(sched::Duration how_long) {
    return ask(sched::after(net_.now(), how_long));
  }

  Net net_;
  sched::Wake wake_ = sched::Wake::quiescent;
};

struct NetworkNames {
  template <class Net>
  static std::string GetName(int /*index*/) {  // NOLINT: GoogleTest's name
    return std::is_same_v<Net, Select> ? "select" : "epoll";
  }
};
using BothNetworks = testing::Types<Select, Epoll>;

// Returns the error that `call` throws, or none if it returns.
template <class F>
std::error_code error_of(F&& call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return error.code();
  }
  return {};
}

}  // namespace rehearsal::realnet
