// Servers and clients over TLS, used by the tests of TLS.
#pragma once

#include <algorithm>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <gtest/gtest.h>

#include "sched/host.hpp"
#include "sched/sync/supervisor.hpp"
#include "sched/tls/tls_stream.hpp"
#include "simnet/scenario.hpp"
#include "simnet/trace/trace_recorder.hpp"
#include "simnet/world.hpp"
#include "tests/sched/tls/certificates.hpp"

namespace rehearsal::tls {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)
using sched::Host;
using sched::Network;
using sched::Stream;
using sched::Task;
using simnet::SimulatedNetwork;
using simnet::World;
using ProgramHost = Host<SimulatedNetwork>;
using Secure = TlsStream<Stream<SimulatedNetwork>>;

// The text of every message: it must never be seen on the wire.
inline constexpr std::string_view secret = "the plaintext that nobody may see";

inline std::string text(sched::ConstBytes bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

inline TlsServerOptions server_options() {
  TlsServerOptions options;
  options.certificate = Pem::text(server_certificate);
  options.key = Pem::text(server_key);
  return options;
}
inline TlsClientOptions client_options() {
  TlsClientOptions options;
  options.authorities = Pem::text(authority_certificate);
  return options;
}
// Contexts keep nothing from one connection to the next, so that all tests may share them.
inline const TlsServerContext& server_context() {
  static const TlsServerContext context(server_options());
  return context;
}
inline const TlsClientContext& client_context() {
  static const TlsClientContext context(client_options());
  return context;
}

template <Network Net>
Task<TlsStream<Stream<Net>>> connect_securely(Host<Net>& host, sched::Address to,
                                              TlsClientContext context) {
  auto plain = co_await host.connect(to);
  auto secure = co_await tls_connect(std::move(context), std::move(plain), to.host());
  co_return std::move(secure);
}

template <Network Net>
Task<> echo_session(Stream<Net> plain, TlsServerContext context) {
  auto client = co_await tls_accept(std::move(context), std::move(plain));
  std::vector<std::byte> buffer(4096);
  for (;;) {
    const std::size_t size = co_await client.recv(buffer);
    if (size == 0) {
      co_return;
    }
    co_await client.send_all(std::span(buffer).first(size));
  }
}

template <Network Net>
Task<> echo_server(Host<Net>& host, TlsServerContext context) {
  auto listener = host.listen({"0.0.0.0", 7});
  sched::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    const std::string name = client->name();
    sessions.spawn(name, echo_session(std::move(*client), context));
  }
}

// Sends `rounds` messages and expects each back, then the end.
template <Network Net>
Task<> echo_client(Host<Net>& host, sched::Address server, TlsClientContext context, int rounds) {
  auto stream = co_await connect_securely(host, server, std::move(context));
  std::vector<std::byte> heard(secret.size());
  for (int round = 0; round < rounds; ++round) {
    co_await stream.send_all(secret);
    const std::size_t size = co_await stream.recv_exactly(heard);
    if (size != secret.size()) {
      sched::throw_error(std::errc::connection_reset, "the server has finished");
    }
    if (text(heard) != secret) {
      throw std::runtime_error("another text came back");
    }
  }
  co_await stream.shutdown_send();
  const std::size_t rest = co_await stream.recv(heard);
  if (rest != 0) {
    throw std::runtime_error("more came back than was sent");
  }
}

// Looks for the secret in what every connection of a run carries.
class WireWatcher final : public simnet::RunWatcher {
 public:
  void begins(World& world) override { reporter_.begins(world); }
  void ends(World& world, const simnet::RunReport& report) override {
    reporter_.ends(world, report);
    carried_.clear();
  }
  // Returns how many bytes were looked at.
  [[nodiscard]] std::size_t looked_at() const { return looked_at_; }
  // Returns how often a part of the secret was seen.
  [[nodiscard]] std::size_t seen() const { return seen_; }

 private:
  void look(const simnet::TraceEvent& event) {
    looked_at_ += event.bytes.size();
    // A partial read may end within the secret.
    std::string& carried =
        carried_[event.host + " " + event.handle + " " + std::string(event.op_name())];
    carried += event.bytes;
    for (std::size_t part = 0; part + part_size <= secret.size(); part += part_size) {
      seen_ += carried.find(secret.substr(part, part_size)) != std::string::npos ? 1U : 0U;
    }
    carried.erase(0, carried.size() - std::min(carried.size(), part_size - 1));
  }

  static constexpr std::size_t part_size = 8;

  simnet::EventReporter reporter_{[this](World& /*world*/, std::uint64_t /*number*/,
                                         const simnet::TraceEvent& event) { look(event); }};
  std::map<std::string, std::string> carried_;  // the end of it, by connection and call
  std::size_t looked_at_ = 0;
  std::size_t seen_ = 0;
};

// Returns the code that `body` throws, or none if it returns.
template <class T>
Task<std::error_code> code_of(Task<T> body) {
  try {
    co_await std::move(body);
  } catch (const std::system_error& error) {
    co_return error.code();
  }
  co_return std::error_code();
}

}  // namespace rehearsal::tls
