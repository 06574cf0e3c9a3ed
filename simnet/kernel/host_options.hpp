// HostOptions: clock, limits, buffers and durations of a simulated host.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

/// Options of a simulated host.
struct HostOptions {
  HostOptions() = default;

  /// Virtual time that one resumption of a task takes. In steered runs it takes none.
  sched::Duration resumption_cost = std::chrono::nanoseconds(100);
  /// Virtual time that a piece of blocking work takes, before deviations.
  sched::Duration blocking_takes = std::chrono::microseconds(100);
  /// Virtual time that a name resolution takes, before deviations.
  sched::Duration resolving_takes = std::chrono::microseconds(100);
  /// Clock skew: what the host's clock shows when the world's clock shows 0.
  sched::Duration clock_offset{};
  /// Clock drift: parts per million by which the host's clock is fast; negative if it is slow.
  std::int32_t clock_drift = 0;
  /// Size of the send buffer of each TCP connection and Unix socket in bytes, at most 1 GiB.
  std::size_t send_buffer = 1U << 18U;
  /// Size of the receive buffer of each TCP connection in bytes, at most 1 GiB.
  std::size_t recv_buffer = 1U << 17U;
  /// Maximum number of unread bytes of each UDP socket; datagrams beyond it are lost.
  std::size_t datagram_buffer = 1U << 17U;
  /// Maximum number of datagrams that wait in a Unix socket, as net.unix.max_dgram_qlen; as in
  /// Linux, one more fits.
  std::size_t unix_datagrams = 10;
  /// Maximum number of open descriptors, as RLIMIT_NOFILE; then calls fail with EMFILE.
  std::uint32_t descriptors = 1024;
  /// First port of the range from which ephemeral ports come.
  std::uint16_t first_ephemeral_port = 32768;
  /// Last port of the range from which ephemeral ports come.
  std::uint16_t last_ephemeral_port = 60999;
  /// Promises that the host's tasks share nothing except channels, locks, sockets and the like, and
  /// data that they name with sched::touches() or reads() at each use. A search then treats two
  /// steps as independent unless they touch the same one of these. If the promise is not kept, a
  /// search may miss failures.
  bool isolated_tasks = false;
};

}  // namespace rehearsal::simnet
