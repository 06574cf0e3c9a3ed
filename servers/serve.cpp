#include "servers/serve.hpp"

#include <sys/resource.h>

#include <cstdio>
#include <optional>
#include <string_view>

#include <fmt/format.h>

#include "realnet/epoll.hpp"
#include "realnet/select.hpp"
#include "realnet/spdlog.hpp"
#include "realnet/watchdog.hpp"
#include "record/recording.hpp"
#include "servers/echo_program.hpp"

namespace rehearsal::servers {
namespace {

constexpr std::string_view name_of(SourceKind source) {
  return source == SourceKind::select ? "select" : "epoll";
}

// Raises the limit of open descriptors, which bounds the connections, to its hard maximum.
void raise_descriptor_limit() {
  rlimit limit{};
  if (getrlimit(RLIMIT_NOFILE, &limit) == 0) {
    limit.rlim_cur = limit.rlim_max;
    setrlimit(RLIMIT_NOFILE, &limit);
  }
}

template <sched::Network Net>
int serve_over(Net& network, const ServeOptions& options) {
  std::optional<realnet::Watchdog> watchdog;
  sched::Host<Net> host(network);
  if (options.watchdog_limit != sched::Duration::zero()) {
    watchdog.emplace(options.watchdog_limit);
    host.scheduler().observe(*watchdog);
  }
  std::optional<EchoProgram<Net>> program;
  try {
    program.emplace(host, options.program);
  } catch (const std::system_error& error) {
    fmt::print(stderr, "rehearsal: {}\n", error.what());
    return 1;
  }
  fmt::print("echo listens on {} ({})\n", program->endpoint().to_string(), name_of(options.source));
  std::fflush(stdout);
  return program->run();
}

template <sched::Network Net>
int serve_on(const ServeOptions& options) {
  Net network;
  realnet::log_to_spdlog(network);
  if (options.record.directory.empty()) {
    return serve_over(network, options);
  }
  record::Recorder recorder("echo", to_flags(options.program), options.record, network.random());
  record::Recording<Net> recording(network, recorder.log());
  return serve_over(recording, options);
}

}  // namespace

int serve_echo(const ServeOptions& options) {
  raise_descriptor_limit();
  return options.source == SourceKind::select ? serve_on<realnet::Select>(options)
                                              : serve_on<realnet::Epoll>(options);
}

}  // namespace rehearsal::servers
