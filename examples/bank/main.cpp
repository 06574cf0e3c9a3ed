// The bank on real sockets. usage: bank [ADDRESS:PORT]. SIGTERM ends it.
#include <csignal>
#include <cstdio>
#include <string>
#include <system_error>
#include <utility>

#include <rehearsal/epoll.hpp>
#include <rehearsal/server.hpp>

#include "bank.hpp"

namespace {

rehearsal::Task<> obey(auto& host) {
  auto signals = host.signals({SIGTERM});
  co_await signals.next();
  host.stop();
}

}  // namespace

int main(int argc, char** argv) try {
  const auto at = rehearsal::Endpoint::parse(argc > 1 ? argv[1] : "127.0.0.1:25007");
  if (!at) {
    std::fprintf(stderr, "bank: '%s' is not ADDRESS:PORT\n", argv[1]);
    return 2;
  }
  Bank bank;  // lives longer than the tasks of the host, which use it
  bank.audit = [](const Bank& now) {
    std::printf("balance %d\n", now.balance);
    std::fflush(stdout);
  };
  rehearsal::Epoll kernel;
  rehearsal::Host host(kernel);
  auto wire = host.bind(*at);
  std::printf("the bank is at %s\n", wire.local().to_string().c_str());
  std::fflush(stdout);
  host.spawn("obey", obey(host));
  host.spawn("serve", serve_deposits(host, std::move(wire), bank));
  host.run();
} catch (const std::system_error& error) {
  std::fprintf(stderr, "bank: %s\n", error.what());
  return 1;
}
