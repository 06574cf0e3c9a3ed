// Listener: accepts connections, of TCP or of Unix sockets.
#pragma once

#include <cstdint>
#include <optional>
#include <system_error>
#include <utility>

#include "sched/base/time.hpp"
#include "sched/io/socket.hpp"
#include "sched/io/socket_call.hpp"
#include "sched/io/stream.hpp"
#include "sched/sync/sleep.hpp"

namespace rehearsal::sched {

/// Returns true for an error of one client that has disconnected, or of its route (accept(2),
/// "Error handling"): skip that client.
[[nodiscard]] bool is_of_one_client(std::errc error);
/// Returns true if the host has run out of descriptors or memory: wait, then try again.
[[nodiscard]] bool is_exhaustion(std::errc error);

/// Accepts connections, of TCP or of Unix sockets. Neither a client that disconnects nor a full
/// descriptor table ends it.
template <Network Net>
class Listener : public Socket<Net> {
 public:
  /// Takes ownership of a listening `descriptor`.
  Listener(Scheduler<Net>& scheduler, Descriptor descriptor)
      : Socket<Net>(scheduler, descriptor, Readiness::recv) {}

  /// Accepts the next connection: `std::optional<Stream<Net>> client = co_await listener.accept()`.
  /// Returns nothing once stop() was called and the backlog is empty; the listener is then closed.
  /// Skips clients that have already disconnected. If descriptors or memory have run out, waits 5
  /// to 320 ms and tries again. Throws std::system_error for any other error. One task at a time.
  /// If cancelled, leaves the connection in the backlog.
  Task<std::optional<Stream<Net>>> accept();
  /// Stops accepting: accept() still returns the connections in the backlog, then nothing. Closing
  /// the listener instead would reset them.
  void stop();
  /// Returns true if stop() was called.
  [[nodiscard]] bool stopped() const { return stopped_; }

  /// Returns how many connections accept() has returned.
  [[nodiscard]] std::uint64_t accepted() const { return accepted_; }
  /// Returns how many clients had disconnected before they were accepted.
  [[nodiscard]] std::uint64_t skipped() const { return skipped_; }
  /// Returns how often accept() waited because descriptors or memory had run out.
  [[nodiscard]] std::uint64_t back_offs() const { return back_offs_; }

 private:
  static constexpr Duration first_back_off = std::chrono::milliseconds(5);
  static constexpr Duration longest_back_off = std::chrono::milliseconds(320);

  bool stopped_ = false;
  std::uint64_t accepted_ = 0;
  std::uint64_t skipped_ = 0;
  std::uint64_t back_offs_ = 0;
};

// Implementation.

template <Network Net>
Task<std::optional<Stream<Net>>> Listener<Net>::accept() {
  Duration back_off = first_back_off;
  for (;;) {
    if (stopped_ && !this->is_open()) {
      co_return std::nullopt;
    }
    bool backlog_taken = false;
    SocketCall call(this->scheduler(), this->handle(), Direction::recv,
                    [this, &backlog_taken](Net& net, Descriptor descriptor) {
                      Result<Accepted> one = net.accept(descriptor);
                      backlog_taken = stopped_ && one.error() == would_block;
                      return backlog_taken ? Result<Accepted>(std::errc::operation_canceled) : one;
                    });
    const Result<Accepted> client = co_await call;
    if (client.ok()) {
      ++accepted_;
      co_return Stream<Net>(this->scheduler(), client.value().descriptor, client.value().peer);
    }
    if (backlog_taken) {
      this->close();
    } else if (is_exhaustion(client.error())) {
      ++back_offs_;
      co_await sleep_for(back_off);
      back_off = back_off < longest_back_off ? back_off * 2 : longest_back_off;
    } else if (is_of_one_client(client.error())) {
      ++skipped_;
    } else {
      throw_error(client.error(), "accept");
    }
  }
}

template <Network Net>
void Listener<Net>::stop() {
  stopped_ = true;
  if (this->is_open()) {
    this->scheduler().handles().report({this->handle().descriptor, Readiness::recv});
  }
}

}  // namespace rehearsal::sched
