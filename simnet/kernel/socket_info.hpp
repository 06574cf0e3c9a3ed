// What a person is shown of a socket, as ss(8) shows it.
#pragma once

#include <cstddef>
#include <string>

#include "sched/seam/source.hpp"
#include "simnet/kernel/open_file.hpp"

namespace rehearsal::simnet {

struct SocketInfo {
  sched::Descriptor descriptor = -1;
  std::string kind;            // "tcp", "udp", "work", "signals", "inbox"
  std::string state;           // "LISTEN", "ESTAB", "CLOSE-WAIT", ...; empty where it has none
  std::size_t recv_queue = 0;  // bytes not read; of a listener, connections not accepted
  std::size_t send_queue = 0;  // bytes not acknowledged; of a listener, its backlog
  std::string local;           // "10.0.0.1:25000"; empty where it has no address
  std::string peer;
  std::string name;  // of the connection
};

[[nodiscard]] SocketInfo describe(const OpenFile& socket);

}  // namespace rehearsal::simnet
