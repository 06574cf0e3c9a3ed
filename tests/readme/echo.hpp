// The server of README.md. Its planted twin has `send` in place of `send_all`.
#pragma once

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <utility>

#include "sched/host.hpp"
#include "sched/sync/supervisor.hpp"

namespace sched = rehearsal::sched;

// clang-format off
sched::Task<> echo(auto client) {                          // a task for each client
  std::array<std::byte, 4096> buffer{};
  for (std::size_t n = 1; n != 0;) {                       // until it has finished sending
    n = co_await client.recv(buffer);
    co_await client.send_all(std::span(buffer).first(n));
  }
}
sched::Task<> serve(auto& host, auto listener) {           // the kernel's, or a rehearsal's
  sched::Supervisor sessions(host);                        // one that fails does not end the others
  for (;;) {
    auto client = co_await listener.accept();
    const std::string name = client->name();
    sessions.spawn(name, echo(std::move(*client)));
  }
}
// clang-format on
