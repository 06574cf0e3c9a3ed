// What a program outside this tree needs for TLS: contexts, and a handshake in a world.
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include <rehearsal/tls.hpp>
#include <rehearsal/world.hpp>

namespace {

rehearsal::Task<> shake_hands(auto& host, rehearsal::TlsClientContext context, bool& refused) {
  auto plain = co_await host.connect({"server", 443});
  try {
    co_await rehearsal::tls_connect(context, std::move(plain), "server");
  } catch (const std::system_error& error) {
    refused = error.code() == rehearsal::tls_truncated();
  }
}

rehearsal::Task<> hang_up(auto& host) {
  auto listener = host.listen({"0.0.0.0", 443});
  auto client = co_await listener.accept();
  client->shutdown_send();
  // Until the client has closed the connection.
  [[maybe_unused]] const std::string hello = co_await client->recv_until("never", 1'000'000);
}

}  // namespace

int main() {
  rehearsal::World world;
  bool refused = false;
  const rehearsal::TlsClientContext context;
  world.host("server").spawn([](auto& host) { return hang_up(host); });
  world.host("client").spawn([&](auto& host) { return shake_hands(host, context, refused); });
  world.run();
  std::puts(refused ? "refused" : "not refused");
  return refused ? 0 : 1;
}
