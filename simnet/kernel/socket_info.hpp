// SocketInfo: what a report shows of a socket, in the manner of ss(8).
#pragma once

#include <cstddef>
#include <string>

#include "sched/seam/source.hpp"
#include "simnet/kernel/open_file.hpp"

namespace rehearsal::simnet {

struct SocketInfo {
  sched::Descriptor descriptor = -1;
  std::string kind;            // "tcp", "udp", "unix", "work", "signals", "inbox"
  std::string state;           // "LISTEN", "ESTAB", "CLOSE-WAIT", ...; empty if it has none
  std::size_t recv_queue = 0;  // bytes not read; for a listener, connections not accepted
  std::size_t send_queue = 0;  // bytes not acknowledged; for a listener, its backlog
  std::string local;           // "10.0.0.1:25000"; empty if it has no address
  std::string peer;
  std::string name;  // of the connection
};

[[nodiscard]] SocketInfo describe(const OpenFile& socket);

}  // namespace rehearsal::simnet
