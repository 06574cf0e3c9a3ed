// Servers and clients written with asio, as its examples are.
#include <chrono>
#include <cstdint>
#include <memory>
#include <string>

#include <asio.hpp>
#include <gtest/gtest.h>

#include "simnet/world.hpp"

namespace rehearsal::simnet {
namespace {

using asio::ip::tcp;
using asio::ip::udp;

asio::awaitable<void> echo(tcp::socket socket) {
  try {
    char data[1024];
    for (;;) {
      const std::size_t count =
          co_await socket.async_read_some(asio::buffer(data), asio::use_awaitable);
      co_await asio::async_write(socket, asio::buffer(data, count), asio::use_awaitable);
    }
  } catch (const std::exception&) {
  }
}

asio::awaitable<void> listen_for_echo(std::uint16_t port) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::acceptor acceptor(executor, {tcp::v4(), port});
  for (;;) {
    tcp::socket socket = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(executor, echo(std::move(socket)), asio::detached);
  }
}

void coroutine_server() {
  asio::io_context context(1);
  asio::co_spawn(context, listen_for_echo(9000), asio::detached);
  context.run();
}

void blocking_server() {
  asio::io_context context;
  tcp::acceptor acceptor(context, tcp::endpoint(tcp::v4(), 9000));
  for (;;) {
    tcp::socket socket = acceptor.accept();
    char data[1024];
    asio::error_code error;
    for (;;) {
      const std::size_t count = socket.read_some(asio::buffer(data), error);
      if (error) {
        break;
      }
      asio::write(socket, asio::buffer(data, count));
    }
  }
}

void blocking_client(int rounds) {
  asio::io_context context;
  tcp::socket socket(context);
  tcp::resolver resolver(context);
  asio::connect(socket, resolver.resolve("server", "9000"));
  for (int i = 0; i < rounds; ++i) {
    const std::string message = "message " + std::to_string(i);
    asio::write(socket, asio::buffer(message));
    std::string answer(message.size(), ' ');
    asio::read(socket, asio::buffer(answer));
    EXPECT_EQ(answer, message);
  }
}

TEST(AsioGuest, serves_with_coroutines) {
  World world;
  world.host("server").guest("serve", coroutine_server);
  for (const char* name : {"client-1", "client-2"}) {
    world.host(name).guest("talk", [] { blocking_client(10); });
  }
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(AsioGuest, serves_with_blocking_calls) {
  World world;
  world.host("server").guest("serve", blocking_server);
  world.host("client").guest("talk", [] { blocking_client(10); });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
}

TEST(AsioGuest, waits_for_a_timer_in_virtual_time) {
  World world;
  std::chrono::steady_clock::duration took{};
  world.host("host").guest("wait", [&] {
    asio::io_context context;
    asio::steady_timer timer(context, std::chrono::hours(1));
    const auto before = std::chrono::steady_clock::now();
    timer.async_wait([&](asio::error_code) { took = std::chrono::steady_clock::now() - before; });
    context.run();
  });
  EXPECT_TRUE(world.run().ok());
  EXPECT_EQ(took, std::chrono::hours(1));
}

TEST(AsioGuest, sends_datagrams) {
  World world;
  std::string got;
  world.host("server").guest("serve", [] {
    asio::io_context context;
    udp::socket socket(context, udp::endpoint(udp::v4(), 9000));
    char data[64];
    udp::endpoint from;
    const std::size_t count = socket.receive_from(asio::buffer(data), from);
    socket.send_to(asio::buffer(data, count), from);
  });
  world.host("client").guest("ask", [&] {
    asio::io_context context;
    udp::resolver resolver(context);
    udp::socket socket(context, udp::v4());
    const auto to = *resolver.resolve(udp::v4(), "server", "9000").begin();
    socket.send_to(asio::buffer("ping", 4), to);
    char data[64];
    udp::endpoint from;
    const std::size_t count = socket.receive_from(asio::buffer(data), from);
    got.assign(data, count);
  });
  const RunReport report = world.run();
  EXPECT_TRUE(report.ok()) << report.to_string();
  EXPECT_EQ(got, "ping");
}

TEST(AsioGuest, has_the_same_digest_in_every_run) {
  const auto digest = [] {
    World world(Policy::random(7));
    world.host("server").guest("serve", coroutine_server);
    for (const char* name : {"client-1", "client-2", "client-3"}) {
      world.host(name).guest("talk", [] { blocking_client(20); });
    }
    return world.run().digest;
  };
  const auto first = digest();
  for (int i = 0; i < 5; ++i) {
    EXPECT_EQ(digest(), first);
  }
}

}  // namespace
}  // namespace rehearsal::simnet
