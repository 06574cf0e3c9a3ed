#include "simnet/kernel/keepalive.hpp"

#include <algorithm>

#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/tcp.hpp"
#include "simnet/kernel/tcp_timing.hpp"

namespace rehearsal::simnet {

using sched::Instant;

void Keepalive::fire() { end_.look_for_peer(); }
std::uint64_t Keepalive::timer_key() const { return end_.key() + 7; }

void TcpEnd::set_options(const sched::StreamOptions& options) {
  resets_on_close_ = options.reset_on_close;
  if (options.keep_alive_idle.count() == 0 && options.user_timeout.count() == 0) {
    watch_.reset();
    return;
  }
  if (watch_ == nullptr) {
    watch_ = std::make_unique<Keepalive>(*this, kernel().at());
  }
  watch_->options = options;
  watch_->questions = 0;
  if (state_ == State::established) {
    watch_peer();
  }
}

// From now on it looks, at the instant at which it may have waited too long.
void TcpEnd::watch_peer() {
  room();
  const sched::StreamOptions& options = watch_->options;
  if (options.user_timeout.count() != 0 && waits_for_ack()) {
    set_timer(*watch_, watch_->since + options.user_timeout);
  } else if (options.keep_alive_idle.count() != 0) {
    set_timer(*watch_, kernel().at() + options.keep_alive_idle);
  } else {
    watch_->unset();
  }
}

// A segment of `bytes` is about to go out: where all before it is acknowledged, the wait for this
// one begins.
void TcpEnd::watch_sending(Segment::Kind kind, std::size_t bytes) {
  if (kind == Segment::Kind::reset || kind == Segment::Kind::probe) {
    return;
  }
  room();
  if (acked_ == sent_ - bytes && watch_->options.user_timeout.count() != 0) {
    watch_->since = kernel().at();
    set_timer(*watch_, watch_->since + watch_->options.user_timeout);
  }
}

void TcpEnd::look_for_peer() {
  sched::touch(key_);
  sched::touch(wire_key());
  sched::touch(acks_key());
  const sched::StreamOptions& options = watch_->options;
  const Instant now = kernel().at();
  if (state_ != State::established || finished()) {
    return;
  }
  if (waits_for_ack()) {
    // Without a limit of its own it is the retransmission that ends, and keep-alive only looks on.
    const Instant until = options.user_timeout.count() != 0 ? watch_->since + options.user_timeout
                                                            : now + options.keep_alive_idle;
    now >= until ? fail(std::errc::timed_out) : set_timer(*watch_, until);
  } else if (options.keep_alive_idle.count() != 0) {
    keep_alive(std::max(watch_->since, std::min(last_arrival_, now)));
  }
}

// `heard`: when something came from the peer last.
void TcpEnd::keep_alive(Instant heard) {
  const sched::StreamOptions& options = watch_->options;
  const Instant now = kernel().at();
  if (heard >= watch_->asked) {
    watch_->questions = 0;
  }
  if (now < heard + options.keep_alive_idle) {
    set_timer(*watch_, heard + options.keep_alive_idle);
    return;
  }
  const bool over = options.user_timeout.count() != 0
                        ? watch_->questions != 0 && now - heard >= options.user_timeout
                        : watch_->questions >= options.keep_alive_count;
  const bool reaches = reaches_peer() && !peer().last_stalled_;
  if (over) {
    if (reaches) {
      send_reset();
    }
    fail(std::errc::timed_out);
    return;
  }
  ++watch_->questions;
  watch_->asked = now;
  set_timer(*watch_, now + options.keep_alive_interval);
  if (reaches) {
    dispatch(Segment::Kind::probe, 0);
  }
}

// Who has forgotten the connection says so.
void TcpEnd::answer_probe() {
  const bool orphan = released_ && kernel().at() - peer().last_arrival_ >= orphan_limit;
  if (state_ == State::closed || orphan) {
    if (!reset_sent_) {
      reset_sent_ = true;
      send_reset();
    }
  } else if (reaches_peer()) {
    acknowledge(arrived_ + (fin_received_ ? 1U : 0U));
  }
}

}  // namespace rehearsal::simnet
