// The timeouts of TCP, with the defaults of Linux (tcp(7), ip-sysctl).
#pragma once

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

// The first retransmission comes after this time, each further one after twice the time before, at
// most the longest.
inline constexpr sched::Duration first_retransmission = std::chrono::milliseconds(200);
inline constexpr sched::Duration longest_retransmission = std::chrono::seconds(120);
// tcp_retries2 = 15: bytes that are not acknowledged for this long end the connection.
inline constexpr sched::Duration retransmission_limit = std::chrono::milliseconds(924'600);
// tcp_syn_retries = 6, starting at 1 s: 127 s in all.
inline constexpr sched::Duration first_syn_retry = std::chrono::seconds(1);
inline constexpr int syn_retries = 6;
// tcp_synack_retries = 5: the time in which a client must acknowledge a SYN-ACK.
inline constexpr sched::Duration synack_limit = std::chrono::seconds(63);
// tcp_fin_timeout: how long a kernel keeps a closed end while the peer continues to send.
inline constexpr sched::Duration orphan_limit = std::chrono::seconds(60);
// arp(7): how long a connect to an address without a host takes to fail.
inline constexpr sched::Duration unreachable_after = std::chrono::seconds(3);

// Returns the instant of the first retransmission at or after `now` of what was sent at `since`.
constexpr sched::Instant next_retransmission(sched::Instant since, sched::Instant now) {
  sched::Duration step = first_retransmission;
  sched::Instant at = since + step;
  while (at < now) {
    step = step * 2 < longest_retransmission ? step * 2 : longest_retransmission;
    at += step;
  }
  return at;
}

}  // namespace rehearsal::simnet
