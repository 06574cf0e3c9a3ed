// The pipelined server of docs/production.md: a reader and a writer task for each client, and a
// bounded queue between them.
#include <chrono>
#include <optional>
#include <string>
#include <utility>

#include <rehearsal/gtest.hpp>
#include <rehearsal/sync.hpp>

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// clang-format off
using Replies = rehearsal::Channel<std::string>;

rehearsal::Task<> read_requests(auto& client, Replies& replies) {
  for (;;) {
    const std::string line = co_await client.recv_until("\n", 4096);
    if (!line.ends_with('\n')) {
      break;                                               // the client has finished sending
    }
    co_await replies.send("re: " + line);                  // waits while the queue is full
  }
  replies.close();
}

rehearsal::Task<> write_replies(auto& client, Replies& replies) {
  for (;;) {
    const std::optional<std::string> reply = co_await replies.recv();
    if (!reply) {
      break;                                               // closed, and all replies are sent
    }
    co_await client.send_all(*reply);
  }
}

rehearsal::Task<> serve_client(auto client) {
  Replies replies(16);                                     // at most 16 replies wait
  co_await rehearsal::when_all(read_requests(client, replies), write_replies(client, replies));
}

rehearsal::Task<> ask(auto& host, int requests) {
  auto server = co_await rehearsal::with_timeout(5s, host.connect({"server", 25000}));
  for (int i = 0; i < requests; ++i) {
    co_await server.send_all(std::to_string(i) + '\n');
  }
  server.shutdown_send();
  for (int i = 0; i < requests; ++i) {
    const std::string reply = co_await server.recv_until("\n", 4096);
    CO_ASSERT_EQ(reply, "re: " + std::to_string(i) + '\n');
  }
}
// clang-format on

rehearsal::Task<> serve(auto& host, auto listener) {
  rehearsal::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    sessions.spawn(serve_client(std::move(*client)));
  }
}

REHEARSE(Lines, are_answered_in_order) {
  world.host("server").spawn(
      "serve", [](auto& host) { return serve(host, host.listen({"0.0.0.0", 25000})); });
  for (const char* name : {"Ada", "Grace"}) {
    world.host(name).spawn("ask", [](auto& host) { return ask(host, 40); });
  }
}

}  // namespace
