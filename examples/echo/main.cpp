// The echo server on real sockets. usage: serve [ADDRESS:PORT]; with port 0 the system picks one.
#include <csignal>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <system_error>
#include <utility>

#include <rehearsal/epoll.hpp>
#include <rehearsal/server.hpp>

#include "echo.hpp"

namespace {

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

rehearsal::Endpoint address(int argc, char** argv) {
  const std::string text = argc > 1 ? argv[1] : "127.0.0.1:25000";
  const auto endpoint = rehearsal::Endpoint::parse(text);
  if (!endpoint) {
    std::fprintf(stderr, "serve: '%s': expected ADDRESS:PORT\n", text.c_str());
    std::_Exit(2);
  }
  return *endpoint;
}

rehearsal::Task<> obey(auto& host, rehearsal::Endpoint at) {
  auto signals = host.signals({SIGUSR1, SIGTERM});
  print("the server listens on " + at.to_string() + '\n');
  for (;;) {
    const int number = co_await signals.next();
    if (number == SIGTERM) {
      break;
    }
    print(rehearsal::task_table(host.tasks(), host.now()));
  }
  host.stop();
}

}  // namespace

// clang-format off
int main(int argc, char** argv) try {
  rehearsal::Epoll kernel;                                 // or rehearsal::Select
  rehearsal::Host host(kernel);
  auto listener = host.listen(address(argc, argv));
  host.spawn("obey", obey(host, listener.local()));        // SIGUSR1: print tasks; SIGTERM: end
  host.spawn("serve", serve(host, std::move(listener)));
  host.run();
} catch (const std::system_error& error) {                 // for example, the port is taken
  std::fprintf(stderr, "serve: %s\n", error.what());
  return 1;
}
// clang-format on
