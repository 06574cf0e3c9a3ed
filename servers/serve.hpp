// `rehearsal serve`: a server on the real network.
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
  sched::Duration watchdog_limit{};  // zero: no watchdog
  record::RecorderOptions record;
};

// Serves echo until SIGTERM or SIGINT and drains; a second of them ends it at once. SIGUSR1 prints
// the task list on stderr. Prints where it listens on stdout, once it does. Gives the exit status:
// 0, or 1 where it cannot listen, with a line on stderr that says where and why.
int serve_echo(const ServeOptions& options);

}  // namespace rehearsal::servers
