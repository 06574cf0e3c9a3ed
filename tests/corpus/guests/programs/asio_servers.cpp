// Servers of asio's coroutines.
#include <string>
#include <string_view>
#include <utility>

#include <asio.hpp>

#include "tests/corpus/guests/programs/postgres_protocol.hpp"
#include "tests/corpus/guests/programs/redis_protocol.hpp"
#include "tests/corpus/guests/programs/servers.hpp"

namespace rehearsal::guests {
namespace {

using asio::ip::tcp;

template <class Session>
asio::awaitable<void> serve(tcp::socket socket) {
  try {
    Session session;
    char data[1024];
    for (;;) {
      const std::size_t count =
          co_await socket.async_read_some(asio::buffer(data), asio::use_awaitable);
      session.append(std::string_view(data, count));
      const std::string answers = session.answers();
      co_await asio::async_write(socket, asio::buffer(answers), asio::use_awaitable);
    }
  } catch (const std::exception&) {
  }
}

template <class Session>
asio::awaitable<void> listen(std::uint16_t port) {
  const auto executor = co_await asio::this_coro::executor;
  tcp::acceptor acceptor(executor, {tcp::v4(), port});
  for (;;) {
    asio::error_code error;
    auto token = asio::redirect_error(asio::use_awaitable, error);
    tcp::socket socket = co_await acceptor.async_accept(token);
    if (!error) {
      asio::co_spawn(executor, serve<Session>(std::move(socket)), asio::detached);
    }
  }
}

template <class Session>
void run(std::uint16_t port) {
  asio::io_context context(1);
  asio::co_spawn(context, listen<Session>(port), asio::detached);
  context.run();
}

}  // namespace

void asio_redis_server(std::uint16_t port) { run<RedisCommands>(port); }
void asio_postgres_server(std::uint16_t port) { run<PostgresSession>(port); }

}  // namespace rehearsal::guests
