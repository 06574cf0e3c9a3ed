#include "simnet/kernel/keepalive.hpp"

#include <algorithm>

#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/tcp_end.hpp"

namespace rehearsal::simnet {

using sched::Instant;

std::uint64_t Keepalive::timer_key() const { return end_.key() + 7; }

std::string Keepalive::describe() const { return "keepalive of " + end_.name(); }

void Keepalive::start() {
  end_.room();
  if (options.user_timeout.count() != 0 && end_.waits_for_ack()) {
    end_.set_timer(*this, since + options.user_timeout);
  } else if (options.keep_alive_idle.count() != 0) {
    end_.set_timer(*this, end_.kernel().at() + options.keep_alive_idle);
  } else {
    unset();
  }
}

void Keepalive::sends(Segment::Kind kind, std::size_t bytes) {
  if (kind == Segment::Kind::reset || kind == Segment::Kind::probe) {
    return;
  }
  end_.room();
  if (end_.acked_ != end_.sent_ - bytes) {
    return;
  }
  since = end_.kernel().at();
  if (options.user_timeout.count() != 0) {
    end_.set_timer(*this, since + options.user_timeout);
  }
}

void Keepalive::fire() {
  sched::touch(end_.key());
  sched::touch(end_.wire_key());
  sched::touch(end_.acks_key());
  const Instant now = end_.kernel().at();
  if (end_.state() != TcpEnd::State::established || end_.finished()) {
    return;
  }
  if (end_.waits_for_ack()) {
    // Without a user timeout, the retransmission limit ends the connection.
    const Instant until = options.user_timeout.count() != 0 ? since + options.user_timeout
                                                            : now + options.keep_alive_idle;
    now >= until ? end_.fail(std::errc::timed_out) : end_.set_timer(*this, until);
  } else if (options.keep_alive_idle.count() != 0) {
    probe(std::max(since, std::min(end_.last_arrival_, now)));
  }
}

void Keepalive::probe(Instant heard) {
  const Instant now = end_.kernel().at();
  if (heard >= asked) {
    questions = 0;
  }
  if (now < heard + options.keep_alive_idle) {
    end_.set_timer(*this, heard + options.keep_alive_idle);
    return;
  }
  const bool over = options.user_timeout.count() != 0
                        ? questions != 0 && now - heard >= options.user_timeout
                        : questions >= options.keep_alive_count;
  const bool reaches = end_.reaches_peer() && !end_.peer().last_stalled_;
  if (over) {
    if (reaches) {
      end_.send_reset();
    }
    end_.fail(std::errc::timed_out);
    return;
  }
  ++questions;
  asked = now;
  end_.set_timer(*this, now + options.keep_alive_interval);
  if (reaches) {
    end_.dispatch(Segment::Kind::probe, 0);
  }
}

}  // namespace rehearsal::simnet
