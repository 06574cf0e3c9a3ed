// The contract of Unix sockets, tested on every network with the same program.
#include <unistd.h>

#include <chrono>
#include <filesystem>
#include <string>
#include <system_error>
#include <vector>

#include <gtest/gtest.h>

#include "tests/properties/conformance/drivers.hpp"

namespace rehearsal::conformance {
namespace {

using sched::Endpoint;
using sched::Task;

// A path that no other test uses, and that is free again at the end.
class UnixPath {
 public:
  UnixPath() {
    static int made = 0;
    const std::string name =
        "rehearsal-" + std::to_string(::getpid()) + "-" + std::to_string(made++);
    path_ = (std::filesystem::temp_directory_path() / name).string();
  }
  UnixPath(const UnixPath&) = delete;
  UnixPath& operator=(const UnixPath&) = delete;
  ~UnixPath() { ::unlink(path_.c_str()); }

  [[nodiscard]] Endpoint endpoint() const { return sched::unix_path(path_); }

 private:
  std::string path_;
};

sched::ConstBytes bytes(std::string_view text) { return std::as_bytes(std::span(text)); }

// Returns the error that `call` throws, or none.
template <class F>
std::errc error_of(F&& call) {
  try {
    call();
  } catch (const std::system_error& error) {
    return static_cast<std::errc>(error.code().value());
  }
  return {};
}

// Returns the error with which a connect ends.
template <class Net>
Task<std::errc> connect_error(sched::Host<Net>& host, Endpoint to) {
  std::errc error{};
  try {
    auto stream = co_await host.connect(to);
  } catch (const std::system_error& failure) {
    error = static_cast<std::errc>(failure.code().value());
  }
  co_return error;
}

template <class Net>
Task<std::string> receive_text(sched::Datagram<Net>& socket) {
  std::vector<std::byte> buffer(100);
  const sched::Received received = co_await socket.recv_from(buffer);
  co_return sched::as_text(std::span(buffer).first(received.size));
}

template <class Driver>
class UnixContract : public testing::Test {};
TYPED_TEST_SUITE(UnixContract, Drivers, DriverNames);

TYPED_TEST(UnixContract, a_connection_carries_bytes_both_ways_and_knows_its_names) {
  const UnixPath path;
  TypeParam::run([at = path.endpoint()](auto& host) -> Task<> {
    auto listener = host.listen(at);
    EXPECT_EQ(listener.local(), at);
    auto client = co_await host.connect(at);
    auto server = co_await listener.accept();
    EXPECT_EQ(client.peer(), at);
    EXPECT_EQ(client.local(), sched::unix_unnamed());
    EXPECT_EQ(server->peer(), sched::unix_unnamed());
    EXPECT_EQ(server->local(), at);
    co_await client.send_all("question?");
    std::string question = co_await server->recv_until("?", 100);
    EXPECT_EQ(question, "question?");
    co_await server->send_all("answer");
    server->shutdown_send();
    std::string answer = co_await client.recv_until("!", 100);
    EXPECT_EQ(answer, "answer");
  });
}

TYPED_TEST(UnixContract, a_sender_waits_until_much_is_received) {
  const UnixPath path;
  TypeParam::run([at = path.endpoint()](auto& host) -> Task<> {
    constexpr std::size_t much = 3'000'000;
    auto listener = host.listen(at);
    auto client = co_await host.connect(at);
    auto server = co_await listener.accept();
    const std::string said(much, 'x');
    sched::TaskGroup group(host);
    group.spawn("sends", [&]() -> Task<> {
      co_await client.send_all(said);
      client.close();
    });
    std::vector<std::byte> buffer(10'000);
    std::size_t heard = 0;
    for (;;) {
      const std::size_t size = co_await server->recv(buffer);
      if (size == 0) {
        break;
      }
      heard += size;
    }
    co_await group.join();
    EXPECT_EQ(heard, much);
  });
}

TYPED_TEST(UnixContract, the_file_stays_and_can_be_replaced_once_nobody_listens) {
  const UnixPath path;
  TypeParam::run([at = path.endpoint()](auto& host) -> Task<> {
    sched::ListenOptions replacing;
    replacing.replace_stale = true;
    std::errc refused = co_await connect_error(host, at);
    EXPECT_EQ(refused, std::errc::no_such_file_or_directory);
    auto listener = host.listen(at, replacing);
    EXPECT_EQ(error_of([&] { host.listen(at, replacing); }), std::errc::address_in_use);
    refused = co_await connect_error(host, at);
    EXPECT_EQ(refused, std::errc{}) << "the attempt to replace has harmed the listener";
    listener.close();
    refused = co_await connect_error(host, at);
    EXPECT_EQ(refused, std::errc::connection_refused);
    EXPECT_EQ(error_of([&] { host.listen(at); }), std::errc::address_in_use);
    auto again = host.listen(at, replacing);
    refused = co_await connect_error(host, at);
    EXPECT_EQ(refused, std::errc{});
  });
}

TYPED_TEST(UnixContract, a_client_in_the_backlog_is_reset_when_the_listener_closes) {
  const UnixPath path;
  TypeParam::run([at = path.endpoint()](auto& host) -> Task<> {
    auto listener = host.listen(at);
    auto client = co_await host.connect(at);
    listener.close();
    std::vector<std::byte> buffer(10);
    std::errc error{};
    try {
      const std::size_t size = co_await client.recv(buffer);
      EXPECT_EQ(size, 1U) << "it ended in a regular way";
    } catch (const std::system_error& failure) {
      error = static_cast<std::errc>(failure.code().value());
    }
    EXPECT_EQ(error, std::errc::connection_reset);
  });
}

TYPED_TEST(UnixContract, a_full_backlog_fails_a_connect_at_once) {
  const UnixPath path;
  TypeParam::run([at = path.endpoint()](auto& host) -> Task<> {
    sched::ListenOptions short_one;
    short_one.backlog = 1;
    auto listener = host.listen(at, short_one);
    auto first = co_await host.connect(at);
    auto second = co_await host.connect(at);
    std::errc error = co_await connect_error(host, at);
    EXPECT_EQ(error, sched::would_block);
    auto accepted = co_await listener.accept();
    error = co_await connect_error(host, at);
    EXPECT_EQ(error, std::errc{});
  });
}

TYPED_TEST(UnixContract, options_of_tcp_are_ignored_and_shared_names_refused) {
  const UnixPath path;
  TypeParam::run([at = path.endpoint()](auto& host) -> Task<> {
    sched::StreamOptions options;
    options.keep_alive_idle = std::chrono::seconds(60);
    options.user_timeout = std::chrono::seconds(5);
    sched::ListenOptions listening;
    listening.clients = options;
    auto listener = host.listen(at, listening);
    auto client = co_await host.connect(at, options);
    client.set_options(options);
    options.keep_alive_count = 1000;
    EXPECT_EQ(error_of([&] { client.set_options(options); }), std::errc::invalid_argument);
    sched::ListenOptions shared;
    shared.reuse_port = true;
    EXPECT_EQ(error_of([&] { host.listen(sched::unix_abstract("shared"), shared); }),
              std::errc::operation_not_supported);
  });
}

TYPED_TEST(UnixContract, datagrams_arrive_in_order_with_their_sender) {
  const UnixPath server_path;
  const UnixPath client_path;
  TypeParam::run(
      [at = server_path.endpoint(), from = client_path.endpoint()](auto& host) -> Task<> {
        auto server = host.bind(at);
        auto client = host.bind(from);
        co_await client.send_to(bytes("one"), at);
        co_await client.send_to(bytes("two"), at);
        std::vector<std::byte> buffer(2);
        const sched::Received received = co_await server.recv_from(buffer);
        EXPECT_TRUE(received.truncated());
        EXPECT_EQ(received.full_size, 3U);
        EXPECT_EQ(received.from, from);
        std::string text = co_await receive_text(server);
        EXPECT_EQ(text, "two");
        co_await server.send_to(bytes("back"), received.from);
        text = co_await receive_text(client);
        EXPECT_EQ(text, "back");
        auto unnamed = host.bind(sched::unix_unnamed());
        co_await unnamed.send_to(bytes("x"), at);
        const sched::Received last = co_await server.recv_from(buffer);
        EXPECT_EQ(last.from, sched::unix_unnamed());
      });
}

TYPED_TEST(UnixContract, a_send_to_the_peer_waits_for_room_and_one_to_others_fails) {
  const UnixPath path;
  TypeParam::run([at = path.endpoint()](auto& host) -> Task<> {
    constexpr int many = 5000;  // more than any queue holds
    auto server = host.bind(at);
    auto stranger = host.bind(sched::unix_unnamed());
    auto client = host.bind(sched::unix_unnamed());
    client.set_peer(at);
    int sent = 0;
    sched::TaskGroup group(host);
    group.spawn("sends", [&]() -> Task<> {
      for (; sent < many; ++sent) {
        co_await client.send(bytes("x"));
      }
    });
    co_await sched::yield();
    EXPECT_LT(sent, many);
    std::errc error{};
    try {
      for (int i = 0; i < many; ++i) {
        co_await stranger.send_to(bytes("y"), at);
      }
    } catch (const std::system_error& failure) {
      error = static_cast<std::errc>(failure.code().value());
    }
    EXPECT_EQ(error, std::errc::no_buffer_space);
    for (int heard = 0; heard < many;) {
      const std::string text = co_await receive_text(server);
      heard += text == "x" ? 1 : 0;
    }
    co_await group.join();
    EXPECT_EQ(sent, many);
  });
}

TYPED_TEST(UnixContract, a_sender_learns_that_its_peer_has_closed) {
  const UnixPath path;
  TypeParam::run([at = path.endpoint()](auto& host) -> Task<> {
    auto server = host.bind(at);
    auto client = host.bind(sched::unix_unnamed());
    client.set_peer(at);
    server.close();
    std::vector<std::errc> errors;
    for (int i = 0; i < 2; ++i) {
      try {
        co_await client.send(bytes("x"));
      } catch (const std::system_error& failure) {
        errors.push_back(static_cast<std::errc>(failure.code().value()));
      }
    }
    EXPECT_EQ(errors, (std::vector{std::errc::connection_refused, std::errc::not_connected}));
    EXPECT_EQ(error_of([&] { client.set_peer(at); }), std::errc::connection_refused);
    sched::BindOptions replacing;
    replacing.replace_stale = true;
    auto again = host.bind(at, replacing);
    client.set_peer(at);
    co_await client.send(bytes("back"));
    const std::string text = co_await receive_text(again);
    EXPECT_EQ(text, "back");
  });
}

TYPED_TEST(UnixContract, an_abstract_name_ends_with_its_socket) {
  const Endpoint at = sched::unix_abstract("rehearsal-" + std::to_string(::getpid()));
  TypeParam::run([at](auto& host) -> Task<> {
    auto listener = host.listen(at);
    std::errc error = co_await connect_error(host, at);
    EXPECT_EQ(error, std::errc{});
    listener.close();
    error = co_await connect_error(host, at);
    EXPECT_EQ(error, std::errc::connection_refused);
    auto again = host.listen(at);
    EXPECT_EQ(again.local(), at);
  });
}

}  // namespace
}  // namespace rehearsal::conformance
