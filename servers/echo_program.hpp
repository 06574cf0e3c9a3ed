// The program of `rehearsal serve echo`: the echo server, and tasks that handle signals and report
// statistics. It is a template over the network, so that its recordings can be replayed.
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
  sched::Duration statistics_every{};  // interval between reports; 0 means no reports
  // PEM files, which use_tls() reads. Empty: clients do not speak TLS.
  std::string tls_certificate;
  std::string tls_key;
};

// Whether use_tls() works: this program was built with OpenSSL.
[[nodiscard]] bool has_tls();
// Reads the certificate and key that the options name, if any. Throws std::system_error if they
// cannot be used. REQUIRES: has_tls(), if they name any.
void use_tls(EchoProgramOptions& options);
// Returns the options as the flags at the start of a recording: names and values alternate.
[[nodiscard]] std::vector<std::string> to_flags(const EchoProgramOptions& options);
// Returns the options that the flags of a recording name; the others have their defaults. Throws
// std::invalid_argument, which names the flag, if one is unknown or has an invalid value. Reads
// certificate and key.
[[nodiscard]] EchoProgramOptions echo_program_options(const record::RecordingHead& head);

template <sched::Network Net>
class EchoProgram {
 public:
  // Listens at once. Throws std::system_error if it cannot. `host` must outlive the program.
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
  // Destroys the sessions that an interrupted run() left behind, because they use the server.
  ~EchoProgram() {
    serving_.cancel();
    host_.scheduler().destroy_marked();
  }

  [[nodiscard]] sched::Endpoint endpoint() const { return endpoint_; }
  // Serves until a signal stops it. Returns the exit status: 0, or 1 if the server failed.
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
      // The result is ignored: the server must obey signals even if stderr fails.
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
