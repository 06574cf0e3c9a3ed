// The server, the client and the test of docs/tls.md.
#include <chrono>
#include <string>
#include <system_error>
#include <utility>

#include <rehearsal/gtest.hpp>
#include <rehearsal/tls.hpp>

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

// clang-format off
template <class Stream>
rehearsal::Task<> session(Stream plain, rehearsal::TlsServerContext context) {
  auto client = co_await rehearsal::tls_accept(context, std::move(plain));
  const std::string name = co_await client.recv_until("\n", 100);
  const std::string answer = "hello, " + name;
  co_await client.send_all(answer);
}

rehearsal::Task<> serve(auto& host, rehearsal::TlsServerContext context) {
  auto listener = host.listen({"0.0.0.0", 4433});
  rehearsal::Supervisor sessions(host);
  for (;;) {
    auto client = co_await listener.accept();
    if (!client) {
      break;
    }
    sessions.spawn(session(std::move(*client), context));
  }
}

rehearsal::Task<std::string> ask(auto& host, rehearsal::TlsClientContext context) {
  auto plain = co_await host.connect({"localhost", 4433});
  auto server = co_await rehearsal::tls_connect(context, std::move(plain), "localhost");
  co_await server.send_all("you\n");
  std::string answer = co_await server.recv_until("\n", 100);
  co_return answer;
}

rehearsal::TlsServerContext server_context() {
  rehearsal::TlsServerOptions options;
  options.certificate = rehearsal::Pem::file("certificate.pem");
  options.key = rehearsal::Pem::file("key.pem");
  return rehearsal::TlsServerContext(options);
}

rehearsal::TlsClientContext client_context() {
  rehearsal::TlsClientOptions options;
  options.authorities = rehearsal::Pem::file("certificate.pem");
  return rehearsal::TlsClientContext(options);
}

rehearsal::Task<> ask_until_answered(auto& host, rehearsal::TlsClientContext context) {
  for (bool answered = false; !answered;) {
    try {
      const std::string answer = co_await ask(host, context);
      answered = answer == "hello, you\n";
    } catch (const std::system_error& error) {
      if (error.code().category() == rehearsal::tls_category()) {
        throw;  // a wrong certificate does not become right by trying again
      }
    }
    co_await rehearsal::sleep_for(100ms);
  }
}

// Each send of the server, one after the other, resets the connection.
REHEARSE(Tls, survives_a_reset_at_every_step, {.world = {.epoch = server_context().valid_from()}}) {
  const rehearsal::TlsServerContext server = server_context();
  const rehearsal::TlsClientContext client = client_context();
  const unsigned step = world.parameter("step", 1, 4);
  world.faults().add(rehearsal::FaultRule("cut", rehearsal::Operation::send,
                                          rehearsal::Verdict::reset()).nth(step));
  world.host("localhost").spawn("serve", [=](auto& host) { return serve(host, server); });
  world.host("client").spawn("ask", [=](auto& host) { return ask_until_answered(host, client); });
  world.run();
}
// clang-format on

}  // namespace
