// An echo server over TLS as in asio's documentation: one C++20 coroutine per connection.
#include <cstddef>
#include <cstdio>
#include <exception>
#include <string_view>
#include <system_error>
#include <utility>
#include <vector>

#include <asio.hpp>
#include <asio/ssl.hpp>

#include "peer.hpp"

namespace {

using asio::ip::tcp;
using Stream = asio::ssl::stream<tcp::socket>;

asio::awaitable<void> session(Stream client, std::size_t capacity) {
  std::vector<char> buffer(capacity);
  try {
    co_await client.async_handshake(asio::ssl::stream_base::server, asio::use_awaitable);
    for (;;) {
      const std::size_t received =
          co_await client.async_read_some(asio::buffer(buffer), asio::use_awaitable);
      co_await asio::async_write(client, asio::buffer(buffer, received), asio::use_awaitable);
    }
  } catch (const std::system_error&) {
    co_return;  // the peer has finished or is gone; either way this connection is done
  }
}

asio::awaitable<void> server(tcp::acceptor acceptor, asio::ssl::context& tls,
                             std::size_t capacity) {
  for (;;) {
    tcp::socket client = co_await acceptor.async_accept(asio::use_awaitable);
    asio::co_spawn(acceptor.get_executor(), session(Stream(std::move(client), tls), capacity),
                   asio::detached);
  }
}

}  // namespace

int main(int count, char** arguments) {
  if (count < 5 || std::string_view(arguments[1]) != "--tls-cert" ||
      std::string_view(arguments[3]) != "--tls-key") {
    std::fprintf(stderr, "usage: %s --tls-cert FILE --tls-key FILE [flags of a peer]\n",
                 arguments[0]);
    return 2;
  }
  asio::ssl::context tls(asio::ssl::context::tls_server);
  tls.use_certificate_chain_file(arguments[2]);
  tls.use_private_key_file(arguments[4], asio::ssl::context::pem);
  const peers::Options options = peers::options_from(count - 4, arguments + 4);
  const int listener = peers::listen_on(options.port);
  peers::announce(listener);
  asio::io_context context(1);  // concurrency hint: only one thread runs it
  tcp::acceptor acceptor(context, tcp::v4(), listener);
  asio::co_spawn(context, server(std::move(acceptor), tls, options.buffer), asio::detached);
  context.run();
}
