// `rehearsal serve`: a server on real sockets.
#pragma once

#include <cstdint>

#include "record/files/recorder.hpp"
#include "servers/echo_program.hpp"

namespace rehearsal::servers {

enum class SourceKind : std::uint8_t { select, epoll };

struct ServeOptions {
  ServeOptions() = default;

  EchoProgramOptions program;
  SourceKind source = SourceKind::select;
  sched::Duration watchdog_limit{};  // 0 means no watchdog
  record::RecorderOptions record;
};

// Runs the echo server, and prints its address on stdout as soon as it listens. SIGTERM or SIGINT
// lets it drain; a second one ends it at once. SIGUSR1 prints the task dump on stderr. Returns the
// exit status: 0, or 1, after a line on stderr, if it cannot listen or fails.
int serve_echo(const ServeOptions& options);

}  // namespace rehearsal::servers
