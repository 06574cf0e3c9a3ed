// An echo server as in asio's documentation: one C++20 coroutine per connection.
#include <cstddef>
#include <exception>
#include <system_error>
#include <utility>
#include <vector>

#include <asio.hpp>

#include "peer.hpp"

namespace {

using asio::ip::tcp;

asio::awaitable<void> session(tcp::socket client, std::size_t capacity) {
  std::vector<char> buffer(capacity);
  try {
    for (;;) {
      const std::size_t received =
          co_await client.async_read_some(asio::buffer(buffer), asio::use_awaitable);
      co_await asio::async_write(client, asio::buffer(buffer, received), asio::use_awaitable);
    }
  } catch (const std::system_error&) {
    co_return;  // the peer has finished or is gone; either way this connection is done
  }
}

asio::awaitable<void> server(tcp::acceptor acceptor, std::size_t capacity) {
  for (;;) {
    tcp::socket client = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), session(std::move(client), capacity), asio::detached);
  }
}

}  // namespace

int main(int count, char** arguments) {
  const peers::Options options = peers::options_from(count, arguments);
  const int listener = peers::listen_on(options.port);
  peers::announce(listener);
  asio::io_context context(1);  // concurrency hint: only one thread runs it
  tcp::acceptor acceptor(context, tcp::v4(), listener);
  asio::co_spawn(context, server(std::move(acceptor), options.buffer), asio::detached);
  context.run();
}
