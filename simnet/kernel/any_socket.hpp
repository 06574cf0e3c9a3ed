// What a socket of any kind answers: each function has the one place that tells the kinds apart.
#pragma once

#include <cstdint>

#include "sched/seam/endpoint.hpp"
#include "sched/seam/result.hpp"
#include "sched/seam/source.hpp"
#include "simnet/kernel/open_file.hpp"

namespace rehearsal::simnet {

// Returns the key of a socket or of another event source, unique in the run.
[[nodiscard]] std::uint64_t key_of(const OpenFile& socket);
// Returns what poll(2) reports.
[[nodiscard]] sched::Readiness readiness_of(OpenFile& socket);
// Returns whether nothing more will arrive at a socket of a connection (EPOLLRDHUP, epoll_ctl(2)).
[[nodiscard]] bool receiving_ended(const OpenFile& socket);
// Returns what getsockname(2) and getpeername(2) return.
[[nodiscard]] sched::Result<sched::Endpoint> local_of(const OpenFile& socket);
[[nodiscard]] sched::Result<sched::Endpoint> peer_of(OpenFile& socket);

}  // namespace rehearsal::simnet
