// What `rehearsal serve echo` runs: the echo server and the tasks beside it. Written once for every
// network, so that what was recorded of it can be replayed.
#pragma once

#include <csignal>
#include <cstdio>
#include <exception>
#include <string>
#include <vector>

#include <spdlog/spdlog.h>

#include "record/record.hpp"
#include "sched/core/task_table.hpp"
#include "servers/echo.hpp"

namespace rehearsal::servers {

struct EchoProgramOptions {
  EchoProgramOptions() = default;

  sched::Endpoint listen{"127.0.0.1", 25000};
  EchoOptions echo;
  sched::Duration statistics_every{};  // zero: never
};

// The flags of a recording, and back. What they do not name is as it is by default.
[[nodiscard]] std::vector<std::string> to_flags(const EchoProgramOptions& options);
// Throws std::invalid_argument that says which flag is wrong.
[[nodiscard]] EchoProgramOptions echo_program_options(const record::RecordingHead& head);

template <sched::Network Net>
class EchoProgram {
 public:
  // Listens; throws std::system_error where it cannot. `host` must outlive it.
  EchoProgram(sched::Host<Net>& host, const EchoProgramOptions& options)
      : host_(host),
        server_(host, options.listen, options.echo),
        serving_(host.spawn("echo", server_.run())) {
    host.spawn("signals", obey(host.signals({SIGINT, SIGTERM, SIGUSR1})));
    if (options.statistics_every != sched::Duration::zero()) {
      host.spawn("statistics", report_statistics(options.statistics_every));
    }
    endpoint_ = server_.endpoint();
  }
  EchoProgram(const EchoProgram&) = delete;
  EchoProgram& operator=(const EchoProgram&) = delete;
  // Ends the sessions that a run which was broken off has left: they use the server.
  ~EchoProgram() {
    serving_.cancel();
    host_.scheduler().destroy_marked();
  }

  [[nodiscard]] sched::Endpoint endpoint() const { return endpoint_; }
  // Serves until a signal has ended it. Gives the exit status.
  int run() {
    host_.run_until(serving_);
    return exit_status();
  }

 private:
  sched::Task<> obey(sched::Signals<Net> signals);
  sched::Task<> report_statistics(sched::Duration every);
  int exit_status();

  sched::Host<Net>& host_;
  EchoServer<Net> server_;
  sched::JoinHandle<> serving_;
  sched::Endpoint endpoint_;
};

// Implementation.

template <sched::Network Net>
sched::Task<> EchoProgram<Net>::obey(sched::Signals<Net> signals) {
  bool stopping = false;
  for (;;) {
    const int number = co_await signals.next();
    if (number == SIGUSR1) {
      // A stderr that takes nothing must not keep the server from obeying.
      std::fputs(sched::task_table(host_.tasks(), host_.now()).c_str(), stderr);
    } else if (!stopping) {
      spdlog::info("stopping: {} connected", server_.statistics().connected);
      stopping = true;
      server_.stop();
    } else {
      serving_.cancel();
    }
  }
}

template <sched::Network Net>
sched::Task<> EchoProgram<Net>::report_statistics(sched::Duration every) {
  for (;;) {
    co_await sched::sleep_for(every);
    const EchoStatistics now = server_.statistics();
    spdlog::info("connected {}, accepted {}, failed {}, skipped {}, back-offs {}, bytes {}",
                 now.connected, now.accepted, now.failed, now.skipped, now.back_offs, now.bytes);
  }
}

template <sched::Network Net>
int EchoProgram<Net>::exit_status() {
  if (!serving_.task().failed()) {
    return 0;
  }
  try {
    serving_.take();
  } catch (const std::exception& error) {
    std::fprintf(stderr, "rehearsal: %s\n", error.what());
  }
  return 1;
}

}  // namespace rehearsal::servers
