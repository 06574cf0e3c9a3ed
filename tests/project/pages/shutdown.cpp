// The server of docs/production.md: it drains on SIGTERM and prints its tasks on SIGUSR1.
#include <array>
#include <chrono>
#include <csignal>
#include <cstddef>
#include <cstdio>
#include <exception>
#include <span>
#include <string>
#include <system_error>
#include <utility>

#include <rehearsal/epoll.hpp>
#include <rehearsal/server.hpp>

namespace {

using namespace std::chrono_literals;  // NOLINT(google-build-using-namespace)

void print(const std::string& text) {
  std::fputs(text.c_str(), stdout);
  std::fflush(stdout);
}

rehearsal::Task<> echo(auto client) {
  std::array<std::byte, 4096> buffer{};
  for (std::size_t n = 1; n != 0;) {
    n = co_await client.recv(buffer);
    co_await client.send_all(std::span(buffer).first(n));
  }
}

// clang-format off
rehearsal::Task<> serve(auto& host, auto& listener) {
  rehearsal::SupervisorOptions options;
  options.limit = 10'000;                                  // clients served at once
  options.on_failure = [](const rehearsal::TaskRecord& task, const std::exception_ptr&) {
    std::fprintf(stderr, "%s failed\n", task.path().c_str());
  };
  rehearsal::Supervisor sessions(host, options);
  for (;;) {
    co_await sessions.room();
    auto client = co_await listener.accept();
    if (!client) {
      break;                                               // stopped, and the backlog is empty
    }
    const std::string name = client->name();
    sessions.spawn(name, echo(std::move(*client)));
  }
  co_await sessions.join();
}

rehearsal::Task<> run_until_sigterm(auto& host, auto listener) {
  rehearsal::TaskGroup server(host);
  server.spawn("serve", serve(host, listener));
  auto signals = host.signals({SIGUSR1, SIGTERM});
  print("listens on " + listener.local().to_string() + '\n');
  for (;;) {
    const int number = co_await signals.next();
    if (number == SIGTERM) {
      break;
    }
    print(rehearsal::task_table(host.tasks(), host.now()));
  }
  listener.stop();                                         // queued clients are still accepted
  try {
    co_await rehearsal::with_timeout(10s, server.join());
  } catch (const std::system_error& error) {
    if (error.code() != std::errc::timed_out) {
      throw;
    }
  }
}                                                          // the group resets the others

int run(const rehearsal::Endpoint& at) {
  rehearsal::Epoll network;                                // or rehearsal::Select
  rehearsal::Watchdog watchdog(100ms);                     // reports to stderr
  rehearsal::Host host(network);
  host.scheduler().observe(watchdog);
  auto running = host.spawn("main", run_until_sigterm(host, host.listen(at)));
  host.run_until(running);
  running.take();                                          // throws what the task threw
  return 0;
}
// clang-format on

}  // namespace

int main() try { return run({"127.0.0.1", 0}); } catch (const std::system_error& error) {
  std::fprintf(stderr, "shutdown: %s\n", error.what());
  return 1;
}
