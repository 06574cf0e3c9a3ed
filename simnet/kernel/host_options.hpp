// What a simulated host is like: its clock, its limits, and how long what it does takes.
#pragma once

#include <cstddef>
#include <cstdint>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

struct HostOptions {
  HostOptions() = default;

  sched::Duration resumption_cost = std::chrono::nanoseconds(100);
  sched::Duration blocking_takes = std::chrono::microseconds(100);
  sched::Duration resolving_takes = std::chrono::microseconds(100);
  sched::Duration clock_offset{};  // what its clock shows when the world's shows 0
  std::int32_t clock_drift = 0;    // parts per million that its clock is fast
  // Of each connection, in bytes; at most 1 GiB.
  std::size_t send_buffer = 1U << 18U;
  std::size_t recv_buffer = 1U << 17U;
  std::size_t datagram_buffer = 1U << 17U;  // bytes that wait to be received, of each UDP socket
  std::uint32_t descriptors = 1024;         // the limit, as RLIMIT_NOFILE
  std::uint16_t first_ephemeral_port = 32768;
  std::uint16_t last_ephemeral_port = 60999;
  // Its tasks share nothing but what they wait for and what goes through the network: for a
  // search, two steps of them commute unless they touch the same channel, lock, socket and so on.
  bool isolated_tasks = false;
};

}  // namespace rehearsal::simnet
