#include "servers/serve.hpp"

#include <sys/resource.h>

#include <csignal>
#include <cstdio>
#include <optional>
#include <string_view>

#include <fmt/format.h>
#include <spdlog/spdlog.h>

#include "realnet/epoll.hpp"
#include "realnet/select.hpp"
#include "realnet/watchdog.hpp"
#include "servers/task_table.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::string_view name_of(SourceKind source) {
  return source == SourceKind::select ? "select" : "epoll";
}

// As many connections as the system lets this user have.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

template <sched::Network Net>
sched::Task<> obey_signals(sched::Host<Net>& host, EchoServer<Net>& server,
                           sched::JoinHandle<>& serving, sched::Signals<Net> signals) {
  bool stopping = false;
  for (;;) {
    const int number = co_await signals.next();
    if (number == SIGUSR1) {
      // A stderr that takes nothing must not keep the server from obeying.
      std::fputs(task_table(host.tasks(), host.now()).c_str(), stderr);
    } else if (!stopping) {
      spdlog::info("stopping: {} connected", server.statistics().connected);
      stopping = true;
      server.stop();
    } else {
      serving.cancel();
    }
  }
}

template <sched::Network Net>
sched::Task<> report_statistics(EchoServer<Net>& server, sched::Duration every) {
  for (;;) {
    co_await sched::sleep_for(every);
    const EchoStatistics now = server.statistics();
    spdlog::info("connected {}, accepted {}, failed {}, skipped {}, back-offs {}, bytes {}",
                 now.connected, now.accepted, now.failed, now.skipped, now.back_offs, now.bytes);
  }
}

int exit_status(sched::JoinHandle<>& serving) {
  if (!serving.task().failed()) {
    return 0;
  }
  try {
    serving.take();
  } catch (const std::exception& error) {
    fmt::print(stderr, "rehearsal: {}\n", error.what());
  }
  return 1;
}

template <sched::Network Net>
int serve_on(const ServeOptions& options) {
  Net network;
  std::optional<realnet::Watchdog> watchdog;
  sched::Host<Net> host(network);
  if (options.watchdog_limit != sched::Duration::zero()) {
    watchdog.emplace(options.watchdog_limit);
    host.scheduler().observe(*watchdog);
  }
  std::optional<EchoServer<Net>> server;
  try {
    server.emplace(host, options.listen, options.echo);
  } catch (const std::system_error& error) {
    fmt::print(stderr, "rehearsal: {}\n", error.what());
    return 1;
  }
  sched::JoinHandle<> serving = host.spawn("echo", server->run());
  host.spawn("signals",
             obey_signals(host, *server, serving, host.signals({SIGINT, SIGTERM, SIGUSR1})));
  if (options.statistics_every != sched::Duration::zero()) {
    host.spawn("statistics", report_statistics(*server, options.statistics_every));
  }
  fmt::print("echo listens on {} ({})\n", server->endpoint().to_string(), name_of(options.source));
  std::fflush(stdout);
  host.run_until(serving);
  return exit_status(serving);
}

}  // namespace

int serve_echo(const ServeOptions& options) {
  raise_descriptor_limit();
  return options.source == SourceKind::select ? serve_on<realnet::Select>(options)
                                              : serve_on<realnet::Epoll>(options);
}

}  // namespace rehearsal::servers
