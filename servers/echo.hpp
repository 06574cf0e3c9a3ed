// The echo server returns every byte to the client that sent it, in order (RFC 862, over TCP or
// Unix sockets).
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <spdlog/spdlog.h>

#include "sched/host.hpp"
#include "sched/sync/supervisor.hpp"
#ifdef REHEARSAL_HAS_TLS
#include "sched/tls/tls_stream.hpp"
#endif

namespace rehearsal::servers {

struct EchoOptions {
  EchoOptions() = default;

  // Sent before each chunk that is echoed.
  std::string prefix;
  // Maximum number of clients served at once; further clients wait in the backlog.
  std::size_t max_connections = std::numeric_limits<std::size_t>::max();
  // Disconnects a client that neither sends nor accepts a byte for this long. 0 means never.
  sched::Duration idle_timeout{};
  // How long sessions may continue after stop(). Sessions that are still open then are reset (RST).
  sched::Duration drain_timeout = std::chrono::seconds(10);
  // Size of the buffer of each session, in bytes. A chunk is what one receive puts into it.
  std::size_t buffer_bytes = 32768;
#ifdef REHEARSAL_HAS_TLS
  // If set, clients speak TLS.
  std::optional<tls::TlsServerContext> tls;
#endif
};

struct EchoStatistics {
  std::size_t connected = 0;    // clients that are connected now
  std::uint64_t accepted = 0;   // clients accepted; this and the next counters are since the start
  std::uint64_t failed = 0;     // sessions that ended with an error
  std::uint64_t skipped = 0;    // clients that were gone before they were accepted
  std::uint64_t back_offs = 0;  // times that accept waited for descriptors or memory
  std::uint64_t bytes = 0;      // bytes received and echoed
};

template <sched::Network Net>
class EchoServer {
 public:
  // Listens at once. Throws std::system_error if it cannot. `host` must outlive the server.
  EchoServer(sched::Host<Net>& host, const sched::Endpoint& at, EchoOptions options = {})
      : host_(host), options_(std::move(options)), listener_(host.listen(at, listening())) {}
  EchoServer(const EchoServer&) = delete;
  EchoServer& operator=(const EchoServer&) = delete;

  // Serves until stop(). Then serves the clients that are connected or in the backlog, until they
  // are done or the drain timeout expires. Call it at most once.
  sched::Task<> run();
  void stop() {
    listener_.stop();
    stopping_.set();
  }

  [[nodiscard]] sched::Endpoint endpoint() const { return listener_.local(); }
  [[nodiscard]] EchoStatistics statistics() const;

 private:
  // A server that starts again finds the file of its Unix socket.
  static sched::ListenOptions listening() {
    sched::ListenOptions options;
    options.replace_stale = true;
    return options;
  }
  sched::Task<> accept_all(sched::Supervisor& sessions);
  sched::Task<> any_session(sched::Stream<Net> client);
  // Two sessions, since timeouts would enlarge the frame of a session that has none.
  template <bool patient, class Stream>
  sched::Task<> session(Stream client);
  template <class Stream>
  sched::Task<> session(Stream client) {
    const bool patient = options_.idle_timeout == sched::Duration::zero();
    return patient ? session<true>(std::move(client)) : session<false>(std::move(client));
  }
#ifdef REHEARSAL_HAS_TLS
  sched::Task<> tls_session(sched::Stream<Net> client);
#endif
  sched::Task<> drain(sched::TaskGroup& accepting, sched::Supervisor& sessions);
  sched::SupervisorOptions supervision();

  sched::Host<Net>& host_;
  EchoOptions options_;
  sched::Listener<Net> listener_;
  sched::Event stopping_;
  EchoStatistics statistics_;
};

// Runs an echo server that is never stopped.
template <sched::Network Net>
sched::Task<> echo_server(sched::Host<Net>& host, sched::Endpoint at, EchoOptions options = {}) {
  EchoServer<Net> server(host, at, std::move(options));
  co_await server.run();
}

// Implementation.

template <sched::Network Net>
sched::Task<> EchoServer<Net>::run() {
  sched::Supervisor sessions(host_, supervision());
  sched::TaskGroup accepting(host_);
  accepting.spawn("accept", accept_all(sessions));
  co_await stopping_.wait();
  bool drained = true;
  try {
    co_await sched::with_timeout(options_.drain_timeout, drain(accepting, sessions));
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::timed_out) {
      throw;
    }
    drained = false;
  }
  if (!drained) {
    spdlog::warn("{} sessions did not end in time and are reset", sessions.size());
    accepting.cancel();
    sessions.cancel();
    co_await accepting.join();
    co_await sessions.join();
    listener_.close();  // which resets the clients that were not accepted
  }
}

template <sched::Network Net>
sched::Task<> EchoServer<Net>::drain(sched::TaskGroup& accepting, sched::Supervisor& sessions) {
  co_await accepting.join();
  co_await sessions.join();
}

template <sched::Network Net>
sched::Task<> EchoServer<Net>::accept_all(sched::Supervisor& sessions) {
  // If accepting ends by itself, even with an error, run() must not wait for stop().
  const auto stop_waiting = [](sched::Event* stopping) { stopping->set(); };
  const std::unique_ptr<sched::Event, decltype(stop_waiting)> ended(&stopping_, stop_waiting);
  for (;;) {
    co_await sessions.room();
    auto client = co_await listener_.accept();
    if (!client) {
      break;
    }
    const std::string name = client->name();
    sessions.spawn(name, any_session(std::move(*client)));
  }
}

template <sched::Network Net>
sched::Task<> EchoServer<Net>::any_session(sched::Stream<Net> client) {
#ifdef REHEARSAL_HAS_TLS
  if (options_.tls) {
    return tls_session(std::move(client));
  }
#endif
  return session(std::move(client));
}

#ifdef REHEARSAL_HAS_TLS
template <sched::Network Net>
sched::Task<> EchoServer<Net>::tls_session(sched::Stream<Net> client) {
  const sched::Duration patience = options_.idle_timeout;
  const bool patient = patience == sched::Duration::zero();
  const sched::Deadline limit = patient ? sched::never : sched::after(host_.now(), patience);
  auto secure =
      co_await sched::with_deadline(limit, tls::tls_accept(*options_.tls, std::move(client)));
  co_await session(std::move(secure));
}
#endif

template <sched::Network Net>
template <bool patient, class Stream>
sched::Task<> EchoServer<Net>::session(Stream client) {
  const sched::Endpoint peer = client.peer();
  if (spdlog::should_log(spdlog::level::debug)) {
    spdlog::debug("{} connected", peer.to_string());
  }
  ++statistics_.connected;
  const auto leave = [](EchoStatistics* statistics) { --statistics->connected; };
  const std::unique_ptr<EchoStatistics, decltype(leave)> connected(&statistics_, leave);
  // The prefix is stored directly before the receive buffer, so that one send covers both.
  const std::size_t prefix = options_.prefix.size();
  const auto memory = std::make_unique_for_overwrite<std::byte[]>(prefix + options_.buffer_bytes);
  std::ranges::copy(std::as_bytes(std::span(options_.prefix)), memory.get());
  const sched::Bytes buffer(memory.get() + prefix, options_.buffer_bytes);
  const sched::Duration patience = options_.idle_timeout;
  for (;;) {
    std::size_t size = 0;
    if constexpr (patient) {
      size = co_await client.recv(buffer);
    } else {
      size = co_await sched::with_timeout(patience, client.recv(buffer));
    }
    if (size == 0) {
      break;
    }
    sched::ConstBytes answer(memory.get(), prefix + size);
    if constexpr (patient) {
      co_await client.send_all(answer);
    } else {
      while (!answer.empty()) {
        const std::size_t sent = co_await sched::with_timeout(patience, client.send(answer));
        answer = answer.subspan(sent);
      }
    }
    statistics_.bytes += size;
  }
  if (spdlog::should_log(spdlog::level::debug)) {
    spdlog::debug("{} is done", peer.to_string());
  }
}

template <sched::Network Net>
sched::SupervisorOptions EchoServer<Net>::supervision() {
  sched::SupervisorOptions supervision;
  supervision.limit = options_.max_connections;
  supervision.on_failure = [this](const sched::TaskRecord& task,
                                  const std::exception_ptr& failure) {
    ++statistics_.failed;
    try {
      std::rethrow_exception(failure);
    } catch (const std::exception& error) {
      spdlog::info("{}: {}", task.path(), error.what());
    }
  };
  return supervision;
}

template <sched::Network Net>
EchoStatistics EchoServer<Net>::statistics() const {
  EchoStatistics now = statistics_;
  now.accepted = listener_.accepted();
  now.skipped = listener_.skipped();
  now.back_offs = listener_.back_offs();
  return now;
}

}  // namespace rehearsal::servers
