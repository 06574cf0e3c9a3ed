// The counter on real sockets:
//   counter serve ADDRESS:PORT
//   counter add ADDRESS:PORT CLIENT AMOUNT
#include <cstdint>
#include <cstdio>
#include <exception>
#include <string>
#include <string_view>
#include <utility>

#include <rehearsal/epoll.hpp>
#include <rehearsal/server.hpp>

#include "counter.hpp"

namespace {

int serve(rehearsal::Host<rehearsal::Epoll>& host, const rehearsal::Endpoint& at) {
  Counter counter;
  auto wire = host.bind(at);
  std::printf("the counter is at %s\n", wire.local().to_string().c_str());
  std::fflush(stdout);
  auto serving = host.spawn("serve", serve_counter(std::move(wire), counter));
  host.run_until(serving);
  serving.take();  // throws what ended it
  return 0;
}

int add(rehearsal::Host<rehearsal::Epoll>& host, const rehearsal::Endpoint& at,
        const std::string& name, std::uint64_t amount) {
  CounterClient client(host, at, name);
  auto adding = host.spawn("add", client.add(amount));
  host.run_until(adding);
  std::printf("%ju\n", static_cast<std::uintmax_t>(adding.take()));
  return 0;
}

}  // namespace

int main(int argc, char** argv) try {
  const std::string_view command = argc > 1 ? argv[1] : "";
  const auto at = rehearsal::Endpoint::parse(argc > 2 ? argv[2] : "");
  rehearsal::Epoll kernel;
  rehearsal::Host host(kernel);
  if (at && argc == 3 && command == "serve") {
    return serve(host, *at);
  }
  if (at && argc == 5 && command == "add") {
    return add(host, *at, argv[3], std::stoull(argv[4]));
  }
  std::fputs("usage: counter serve ADDRESS:PORT | counter add ADDRESS:PORT CLIENT AMOUNT\n",
             stderr);
  return 2;
} catch (const std::exception& error) {
  std::fprintf(stderr, "counter: %s\n", error.what());
  return 1;
}
