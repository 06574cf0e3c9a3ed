// A client of the echo server, which checks that every byte comes back.
#pragma once

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <span>
#include <stdexcept>
#include <string>
#include <system_error>
#include <utility>
#include <vector>

#include "sched/host.hpp"

namespace rehearsal::servers {

struct EchoTalkOptions {
  EchoTalkOptions() = default;

  std::string server = "server";
  std::uint16_t port = 25000;
  int messages = 10;
  // Maximum size of a message, in bytes. Sizes (at least 1) and bytes are drawn from the host's
  // random numbers.
  std::size_t most_bytes = 200;
  sched::Duration pause{};  // after each message
  // Maximum number of connections: after an error of a connection, the talk starts again.
  int attempts = 1;
  sched::Duration retry_after = std::chrono::milliseconds(10);
  // Called at these events; each may be empty.
  std::function<void(const std::system_error& error)> on_broken;  // the connection broke
  std::function<void(sched::Duration took)> on_echoed;            // a message came back
  std::function<void()> on_done;
};

// Sends all messages over one connection, and checks each echo. Throws std::system_error if the
// connection breaks, or std::runtime_error if the echo differs from the message.
template <sched::Network Net>
sched::Task<> talk_once(sched::Host<Net>& host, const EchoTalkOptions& options);

// Sends all messages, and starts again on a new connection after an error, up to
// `options.attempts` connections in all. Throws as talk_once() if the last one fails.
template <sched::Network Net>
sched::Task<> talk(sched::Host<Net>& host, EchoTalkOptions options);

// Implementation.

inline void check_echo(std::span<const std::byte> sent, std::span<const std::byte> came,
                       int message) {
  for (std::size_t i = 0; i < came.size(); ++i) {
    if (came[i] != sent[i]) {
      throw std::runtime_error("byte " + std::to_string(i) + " of message " +
                               std::to_string(message) + " came back as another");
    }
  }
  if (came.size() != sent.size()) {
    // This is what a client sees if the server's process ends.
    sched::throw_error(std::errc::connection_reset,
                       "the server finished after " + std::to_string(came.size()) + " of " +
                           std::to_string(sent.size()) + " bytes of message " +
                           std::to_string(message));
  }
}

template <sched::Network Net>
sched::Task<> talk_once(sched::Host<Net>& host, const EchoTalkOptions& options) {
  auto server = co_await host.connect({options.server, options.port});
  std::vector<std::byte> sent;
  std::vector<std::byte> came;
  for (int message = 0; message < options.messages; ++message) {
    sent.resize(1 + host.random() % options.most_bytes);
    std::uint64_t bits = host.random();
    for (std::byte& byte : sent) {
      bits = bits * 6364136223846793005 + 1442695040888963407;
      byte = static_cast<std::byte>(bits >> 56U);
    }
    came.resize(sent.size());
    const sched::Instant start = host.now();
    co_await server.send_all(sent);
    const std::size_t size = co_await server.recv_exactly(came);
    check_echo(sent, std::span(came).first(size), message);
    if (options.on_echoed) {
      options.on_echoed(host.now() - start);
    }
    if (options.pause != sched::Duration::zero()) {
      co_await sched::sleep_for(options.pause);
    }
  }
  server.shutdown_send();
  came.resize(1);
  const std::size_t surplus = co_await server.recv(came);
  if (surplus != 0) {
    throw std::runtime_error("more came back than was sent");
  }
}

template <sched::Network Net>
sched::Task<> talk(sched::Host<Net>& host, EchoTalkOptions options) {
  for (int attempt = 1;; ++attempt) {
    bool broken = false;
    try {
      co_await talk_once(host, options);
    } catch (const std::system_error& error) {
      if (options.on_broken) {
        options.on_broken(error);
      }
      if (attempt >= options.attempts) {
        throw;
      }
      broken = true;
    }
    if (!broken) {
      break;
    }
    co_await sched::sleep_for(options.retry_after);
  }
  if (options.on_done) {
    options.on_done();
  }
}

}  // namespace rehearsal::servers
