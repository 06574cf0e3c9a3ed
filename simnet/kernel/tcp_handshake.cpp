// How a connection comes to stand: SYN, SYN-ACK, ACK, and the queue of the listener.
#include <algorithm>

#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/tcp.hpp"
#include "simnet/kernel/tcp_timing.hpp"

namespace rehearsal::simnet {

using sched::Instant;
using sched::Readiness;
using sched::Result;

void TcpEnd::connect() {
  TcpEnd& to = peer();
  link_ = &kernel().fabric().link(kernel().number(), to.kernel().number());
  to.link_ = &kernel().fabric().link(to.kernel().number(), kernel().number());
  state_ = State::syn_sent;
  if (&to == this) {
    // Both SYNs are one, as are both that answer them (RFC 9293, figure 8).
    expect_answer({}, arrival(0));
    return;
  }
  retry_syn();
}

// Sends a SYN, and sees to the next one should no answer come.
void TcpEnd::retry_syn() {
  sched::touch(key_);
  sched::touch(wire_key());
  sched::touch(peer().key_, sched::Access::read);
  sched::touch(peer().wire_key());
  const Instant now = kernel().at();
  const Instant until = watch_ != nullptr && watch_->options.user_timeout.count() != 0
                            ? watch_->since + watch_->options.user_timeout
                            : sched::never;
  if (attempts_ > syn_retries || now >= until) {
    fail(std::errc::timed_out);
    return;
  }
  TcpEnd& to = peer();
  const bool unanswered = to.state_ == State::fresh || to.state_ == State::syn_received;
  if (to.step_ == Step::none && unanswered && reaches_peer()) {
    to.step_ = Step::syn;
    to.set_timer(to.event(), arrival(0));
  }
  step_ = Step::retry;
  set_timer(event(), std::min(now + first_syn_retry * (std::int64_t{1} << attempts_), until));
  ++attempts_;
}

void TcpEnd::syn_arrived() {
  sched::touch(key_);
  sched::touch(wire_key());
  sched::touch(kernel().key_of(Kernel::Part::listeners), sched::Access::read);
  TcpEnd& client = peer();
  if (!kernel().has_power()) {
    return;
  }
  if (state_ == State::syn_received) {
    // The answer to an earlier one was lost.
    if (reaches_peer()) {
      client.expect_answer({}, arrival(0));
    }
    return;
  }
  listener = kernel().listener_at(local(), connection_.key());
  if (listener == nullptr) {
    client.expect_answer(std::errc::connection_refused, arrival(0));
    return;
  }
  sched::touch(listener->key(), sched::Access::read);
  sched::touch(listener->embryos_key(), sched::Access::add);
  if (listener->full()) {
    listener = nullptr;  // the client sends it again
    return;
  }
  state_ = State::syn_received;
  released_ = false;
  listener->embryos.push_back(this);
  set_timer(patience(), kernel().at() + synack_limit);
  if (reaches_peer()) {
    client.expect_answer({}, arrival(0));
  }
}

void TcpEnd::expect_unreachable() {
  state_ = State::syn_sent;
  expect_answer(std::errc::host_unreachable, kernel().at() + unreachable_after);
}

void TcpEnd::expect_answer(std::errc answer, Instant at) {
  sched::touch(wire_key());
  answer_ = static_cast<std::uint16_t>(answer);
  step_ = Step::answer;
  set_timer(event(), at);
}

void TcpEnd::answer_arrived() {
  sched::touch(key_);
  sched::touch(wire_key());
  if (released_ || state_ != State::syn_sent) {
    return;
  }
  if (answer_ != 0) {
    fail(static_cast<std::errc>(answer_));
    return;
  }
  state_ = State::established;
  if (watch_ != nullptr) {
    watch_->since = kernel().at();
    watch_peer();
  }
  kernel().report(*this, Readiness::send);
  if (reaches_peer()) {
    send_ack(arrival(0));
  } else {
    stall();
  }
  schedule_arrival();
}

// The last step of the handshake: what is sent from now on arrives behind it.
void TcpEnd::send_ack(Instant at) const {
  TcpEnd& to = peer();
  sched::touch(to.wire_key());
  to.step_ = Step::ack;
  to.last_arrival_ = at;
  to.set_timer(to.event(), at);
}

void TcpEnd::ack_arrived() {
  sched::touch(key_);
  sched::touch(wire_key());
  if (listener == nullptr) {
    schedule_arrival();
    return;
  }
  sched::touch(listener->key());
  sched::touch(listener->embryos_key(), sched::Access::add);
  if (listener->full()) {
    step_ = Step::ack;  // sends its SYN-ACK again, and is acknowledged again
    set_timer(event(), kernel().at() + first_syn_retry);
    return;
  }
  state_ = State::established;
  patience().unset();
  std::erase(listener->embryos, this);
  listener->push(*this);
  if (listener->clients() != sched::StreamOptions()) [[unlikely]] {
    set_options(listener->clients());
  }
  kernel().report(*listener, Readiness::recv);
  schedule_arrival();
}

// The SYN-ACK was never acknowledged. Should the client be there yet, it may begin anew.
void TcpEnd::forget_client() {
  sched::touch(listener->embryos_key(), sched::Access::add);
  std::erase(listener->embryos, this);
  state_ = State::fresh;
  release();
}

Result<> TcpEnd::connected() {
  if (error_ != std::errc{}) {
    return std::exchange(error_, std::errc{});
  }
  switch (state_) {
    case State::established:
      return finished() ? Result<>(sched::would_block) : Result<>();
    default:
      return sched::would_block;
  }
}

}  // namespace rehearsal::simnet
