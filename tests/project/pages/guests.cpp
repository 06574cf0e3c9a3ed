// The asio server of docs/guests.md.
#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include <asio.hpp>
#include <rehearsal/gtest.hpp>
#include <rehearsal/guest.hpp>

namespace {

using asio::ip::tcp;

asio::awaitable<void> echo(tcp::socket client) {
  char bytes[1024];
  for (;;) {
    const std::size_t count =
        co_await client.async_read_some(asio::buffer(bytes), asio::use_awaitable);
    co_await asio::async_write(client, asio::buffer(bytes, count), asio::use_awaitable);
  }
}

asio::awaitable<void> accept_clients(std::uint16_t port) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::acceptor acceptor(executor, {tcp::v4(), port});
  for (;;) {
    tcp::socket client = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(executor, echo(std::move(client)), asio::detached);
  }
}

void echo_server(std::uint16_t port) {
  asio::io_context context;
  asio::co_spawn(context, accept_clients(port), asio::detached);
  context.run();
}

void echo_client(const std::string& server, const std::string& port) {
  asio::io_context context;
  tcp::resolver resolver(context);
  tcp::socket socket(context);
  asio::connect(socket, resolver.resolve(server, port));
  const std::string message(1000, 'x');
  asio::write(socket, asio::buffer(message));
  std::string answer(message.size(), ' ');
  asio::read(socket, asio::buffer(answer));
  EXPECT_EQ(answer, message);
}

// clang-format off
REHEARSE(Echo, answers_all_clients) {
  world.host("server").guest("serve", [] { echo_server(9000); });
  for (const char* name : {"client-1", "client-2"}) {
    world.host(name).guest("talk", [] { echo_client("server", "9000"); });
  }
}
// clang-format on

}  // namespace
