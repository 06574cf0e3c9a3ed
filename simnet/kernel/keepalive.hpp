// Keepalive: how an end of a TCP connection detects a silent peer. Only an end whose options ask
// for it has one.
//
// Follows tcp_keepalive_timer() and the user timeout of Linux (tcp(7), RFC 9293 3.8.4, RFC 5482).
// One difference: a user timeout is counted from the sending and not from the first retransmission,
// which is at most a second later.
#pragma once

#include <string>

#include "sched/core/timers.hpp"
#include "sched/seam/socket_options.hpp"
#include "simnet/kernel/segment.hpp"

namespace rehearsal::simnet {

class TcpEnd;

class Keepalive final : public sched::Timer {
 public:
  Keepalive(TcpEnd& end, sched::Instant now) : since(now), end_(end) {}

  // Sets the timer to the instant at which the peer may have been silent for too long.
  void start();
  // Called before a segment of `bytes` is sent. If everything before it is acknowledged, the wait
  // for its acknowledgement begins.
  void sends(Segment::Kind kind, std::size_t bytes);

  sched::StreamOptions options;
  // If something is not acknowledged: since when. Otherwise when the last acknowledgement came.
  sched::Instant since;
  sched::Instant asked{};  // when the last probe was sent
  int questions = 0;       // probes without an answer

 private:
  void fire() override;
  [[nodiscard]] std::uint64_t timer_key() const override;
  [[nodiscard]] std::string describe() const override;
  // Sends a probe. `heard` is when something came from the peer last.
  void probe(sched::Instant heard);

  TcpEnd& end_;
};

}  // namespace rehearsal::simnet
