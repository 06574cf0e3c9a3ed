// An echo server: every byte that a client sends comes back to it.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include <rehearsal/server.hpp>

// clang-format off
rehearsal::Task<> echo(auto client) {                      // a task for each client
  std::array<std::byte, 4096> buffer{};
  for (std::size_t n = 1; n != 0;) {                       // until it has finished sending
    n = co_await client.recv(buffer);
    co_await client.send_all(std::span(buffer).first(n));
  }
}
rehearsal::Task<> serve(auto& host, auto listener) {       // the kernel's, or a rehearsal's
  rehearsal::Supervisor sessions(host);                    // one that fails does not end the others
  for (;;) {
    auto client = co_await listener.accept();
    const std::string name = client->name();
    sessions.spawn(name, echo(std::move(*client)));
  }
}
// clang-format on
