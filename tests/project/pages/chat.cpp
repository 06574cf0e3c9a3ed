// The chat server of docs/production.md: two tasks send to each client, and each request has an id.
#include <chrono>
#include <string>
#include <utility>

#include <rehearsal/gtest.hpp>
#include <rehearsal/sync.hpp>

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

rehearsal::Task<> send_heartbeats(auto& sender) {
  for (int i = 0; i < 5; ++i) {
    co_await sender.send("PING\n");
    co_await rehearsal::sleep_for(1ms);
  }
}

rehearsal::Task<> answer_lines(auto& client, auto& sender) {
  for (;;) {
    const std::string line = co_await client.recv_until("\n", 4096);
    if (!line.ends_with('\n')) {
      break;
    }
    co_await sender.send("re: " + line);
  }
}

// clang-format off
rehearsal::Task<> chat(auto& host, auto client) {
  rehearsal::MessageSender sender(client);
  rehearsal::TaskGroup tasks(host);
  tasks.spawn("heartbeats", send_heartbeats(sender));
  tasks.spawn("answers", answer_lines(client, sender));
  co_await tasks.join();
}
// clang-format on

rehearsal::Task<> listen_and_chat(auto& host) {
  auto listener = host.listen({"0.0.0.0", 25000});
  auto client = co_await listener.accept();
  co_await chat(host, std::move(*client));
}

rehearsal::Task<> ask(auto& host) {
  auto server = co_await host.connect({"server", 25000});
  for (int i = 0; i < 3; ++i) {
    co_await server.send_all("hello\n");
  }
  server.shutdown_send();
  int pings = 0;
  int answers = 0;
  for (std::string line = "first"; !line.empty();) {
    line = co_await server.recv_until("\n", 4096);
    pings += line == "PING\n" ? 1 : 0;
    answers += line == "re: hello\n" ? 1 : 0;
    CO_ASSERT_TRUE(line.empty() || line == "PING\n" || line == "re: hello\n") << line;
  }
  CO_ASSERT_EQ(pings, 5);
  CO_ASSERT_EQ(answers, 3);
}

REHEARSE(Chat, mixes_no_messages) {
  world.host("server").spawn("chat", [](auto& host) { return listen_and_chat(host); });
  world.host("Ada").spawn("ask", [](auto& host) { return ask(host); });
}

// clang-format off
rehearsal::TaskLocal<std::string> request_id;
// clang-format on

rehearsal::Task<> look_up(auto& host) {
  co_await rehearsal::yield();
  CO_ASSERT_EQ(*request_id.get(host), "7f3a");
}
rehearsal::Task<> count(auto& host) {
  co_await rehearsal::yield();
  CO_ASSERT_EQ(*request_id.get(host), "7f3a");
}

// clang-format off
rehearsal::Task<> handle_request(auto& host, std::string id) {
  request_id.set(host, id);
  co_await rehearsal::when_all(look_up(host), count(host));  // both see the id
}
// clang-format on

REHEARSE(Requests, have_ids) {
  world.host("server").spawn("request", [](auto& host) { return handle_request(host, "7f3a"); });
}

}  // namespace
