// An echo server: it sends every byte back to the client that sent it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <rehearsal/server.hpp>

// clang-format off
rehearsal::Task<> echo(auto client) {                      // one task for each client
  std::array<std::byte, 4096> buffer{};
  for (std::size_t n = 1; n != 0;) {                       // until the client has finished
    n = co_await client.recv(buffer);
    co_await client.send_all(std::span(buffer).first(n));
  }
}
rehearsal::Task<> serve(auto& host, auto listener) {       // on real sockets or simulated ones
  rehearsal::Supervisor sessions(host);                    // a session that fails ends alone
  for (;;) {
    auto client = co_await listener.accept();
    const std::string name = client->name();
    sessions.spawn(name, echo(std::move(*client)));
  }
}
// clang-format on
