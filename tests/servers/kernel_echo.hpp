// An echo server over a kernel, with clients that are bare sockets. These tests include what the
// kernel does for a server that is not running at the moment.
#pragma once

#include <fcntl.h>

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "servers/echo.hpp"
#include "tests/realnet/loopback.hpp"
#include "tests/servers/captured_log.hpp"

namespace rehearsal::servers {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

class BareClient {
 public:
  // Connects as soon as the kernel accepts, whether the server runs or not.
  explicit BareClient(const sched::Endpoint& server) { EXPECT_EQ(connect(server), std::errc{}); }
  BareClient(const BareClient&) = delete;
  BareClient& operator=(const BareClient&) = delete;
  ~BareClient() {
    if (socket_ >= 0) {
      realnet::Sockets::close(socket_);
    }
  }

  // Returns true if no socket listens at that address.
  static bool is_refused(const sched::Endpoint& server) {
    BareClient client;
    return client.connect(server) == std::errc::connection_refused;
  }

  void say(std::string_view what) const {
    EXPECT_EQ(realnet::send(socket_, what).value(), what.size());
  }
  // Sends as much as the kernel takes.
  std::size_t say_much() const { return realnet::fill(socket_); }
  void finish() const { EXPECT_TRUE(realnet::Sockets::shutdown_send(socket_).ok()); }
  void reset() { realnet::Sockets::abort(std::exchange(socket_, -1)); }
  // Returns what has come, as soon as there is something, or "[end]" or the error in brackets.
  std::string hear() const { return realnet::receive(socket_); }
  // Returns everything, and how it ended.
  std::string hear_all() const {
    std::string all;
    for (;;) {
      const std::string piece = hear();
      if (piece == "[Connection reset by peer]") {
        return all + "[reset]";
      }
      all += piece;
      if (piece.empty() || piece.front() == '[') {
        return all;
      }
    }
  }
  // Moves the socket to a number that is not below `lowest`.
  void move_to(sched::Descriptor lowest) {
    const sched::Descriptor moved = ::fcntl(socket_, F_DUPFD_CLOEXEC, lowest);
    EXPECT_GE(moved, lowest);
    realnet::Sockets::close(std::exchange(socket_, moved));
  }

 private:
  BareClient() = default;
  std::errc connect(const sched::Endpoint& server) {
    const auto connecting = realnet::Sockets::connect(server);
    if (!connecting.ok()) {
      return connecting.error();
    }
    socket_ = connecting.value().descriptor;
    return realnet::eventually(socket_, POLLOUT,
                               [this] { return realnet::Sockets::connected(socket_); })
        .error();
  }

  sched::Descriptor socket_ = -1;
};

template <class Net>
class KernelEcho : public realnet::Guarded {
 protected:
  void TearDown() override {
    if (serving_.attached() && !serving_.done()) {
      serving_.cancel();
      host_.run();
    }
  }

  // From now on clients can connect; none is accepted before start().
  void listen(const EchoOptions& options = {}) {
    server_.emplace(host_, sched::Endpoint("127.0.0.1", 0), options);
    at_ = server_->endpoint();
  }
  void start() { serving_ = host_.spawn("server", server_->run()); }
  [[nodiscard]] BareClient connect() const { return BareClient(at_); }

  // Runs until the server has echoed `bytes` in total.
  void run_until_echoed(std::uint64_t bytes) {
    host_.run_until([this, bytes] { return counted().bytes >= bytes; });
  }
  void run_until_accepted(std::uint64_t clients) {
    host_.run_until([this, clients] { return counted().accepted >= clients; });
  }
  void run_for(sched::Duration how_long) { host_.run_until(network_.now() + how_long); }
  // Runs until all tasks have ended.
  void run_to_the_end() {
    EXPECT_EQ(host_.run(), sched::RunEnd::done);
    EXPECT_TRUE(serving_.done());
    serving_.take();
  }
  [[nodiscard]] EchoStatistics counted() const { return server_->statistics(); }

  harness::CapturedLog log_;
  Net network_;
  sched::Host<Net> host_{network_};
  std::optional<EchoServer<Net>> server_;
  sched::JoinHandle<> serving_;
  sched::Endpoint at_;
};

}  // namespace rehearsal::servers
