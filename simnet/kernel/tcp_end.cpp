#include "simnet/kernel/tcp_end.hpp"

#include <algorithm>

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/kernel/addresses.hpp"
#include "simnet/kernel/connection.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/moved_bytes.hpp"
#include "simnet/kernel/tcp_timing.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Instant;
using sched::Readiness;
using sched::Result;

namespace {

// Returns and clears the pending error of an end, or returns `otherwise` if there is none.
std::errc take(std::errc& error, std::errc otherwise) {
  return error == std::errc{} ? otherwise : std::exchange(error, std::errc{});
}

}  // namespace

TcpEnd::TcpEnd(Connection& connection, Kernel& kernel, bool connects)
    : OpenFile(Kind::stream, kernel),
      connection_(connection),
      key_(sched::extend_key(connection.key(), connects ? ">" : "<")),
      connects_(connects) {}

std::string TcpEnd::name() const { return connection_.name() + (connects_ ? '>' : '<'); }

const sched::Endpoint& TcpEnd::local() const {
  return connects_ ? connection_.client_at_ : connection_.server_at_;
}

const sched::Endpoint& TcpEnd::remote() const { return peer().local(); }

sched::Endpoint TcpEnd::shown(const sched::Endpoint& at) const {
  return shows_mapped ? mapped(at) : at;
}

void TcpEnd::set_timer(sched::Timer& timer, Instant at) {
  timer.unset();
  kernel().set_timer(timer, at);
}

Readiness TcpEnd::readiness() {
  Readiness shown = Readiness::none;
  const bool closed = state_ == State::closed;
  if (closed || state_ == State::fresh || (fin_sent_ && fin_received_)) {
    shown |= Readiness::hang_up;
  }
  if (state_ != State::syn_sent) {
    if (unread() != 0 || fin_received_ || closed) {
      shown |= Readiness::recv;
    }
    const std::size_t buffer = kernel().options().send_buffer;
    if (fin_sent_ || closed || room() >= buffer / 3) {
      shown |= Readiness::send;
    }
  }
  if (error_ != std::errc{}) {
    shown |= Readiness::error;
  }
  return shown;
}

void TcpEnd::report_early_end() {
  if (fin_received_ || state_ == State::closed) {
    kernel().report(*this, Readiness::recv | Readiness::hang_up);
  }
}

Result<> TcpEnd::shutdown_send() {
  sched::touch(key_);
  if (state_ == State::syn_sent) {
    disconnect();
  } else if (!fin_sent_ && state_ == State::established) {
    fin_sent_ = true;
    dispatch(Segment::Kind::fin, 0);
    kernel().report(*this, fin_received_ ? Readiness::send | Readiness::hang_up : Readiness::send);
  }
  return {};
}

// Does what shutdown(2) does to a connection that is being made: it is as if it had never begun.
void TcpEnd::disconnect() {
  TcpEnd& to = peer();
  sched::touch(wire_key());
  sched::touch(to.wire_key());
  sched::touch(to.key_, sched::Access::read);
  if (to.state_ == State::syn_received) {
    send_reset();
  } else {
    to.step_ = Handshake::none;  // the SYN that may be on its way
    to.event().unset();
  }
  step_ = Handshake::none;
  event().unset();
  state_ = State::fresh;
  error_ = std::errc::connection_reset;
  kernel().report(*this, Readiness::send | Readiness::hang_up | Readiness::error);
}

void TcpEnd::close() {
  if (resets_on_close_) {
    return abort();
  }
  finish();
}

// Sends a FIN, or a RST if something was not read.
void TcpEnd::finish() {
  sched::touch(key_);
  sched::touch(peer().key_, sched::Access::read);
  if (state_ == State::established) {
    if (finished()) {
      state_ = State::closed;
    } else if (unread() != 0) {
      send_reset();
    } else if (!fin_sent_) {
      fin_sent_ = true;
      dispatch(Segment::Kind::fin, 0);
    }
  } else if (state_ == State::syn_sent && peer().state_ == State::syn_received) {
    send_reset();  // answers the SYN-ACK that is on its way
  }
  release();
}

void TcpEnd::abort() {
  if (state_ == State::established && !finished()) {
    send_reset();
    release();
  } else {
    finish();
  }
}

// Drops a connection request whose SYN-ACK was lost, without a RST, as Linux does: the client sends
// its SYN again, to what listens then. Returns false for any other end.
bool TcpEnd::drop_request() {
  sched::touch(key_);
  sched::touch(wire_key());
  const TcpEnd& client = peer();
  sched::touch(client.key_, sched::Access::read);
  sched::touch(client.wire_key(), sched::Access::read);
  if (state_ != State::syn_received || client.state_ != State::syn_sent ||
      client.step_ == Handshake::answer) {
    return false;
  }
  patience().unset();
  listener = nullptr;
  state_ = State::fresh;
  released_ = true;
  return true;
}

void TcpEnd::refuse() {
  if (drop_request()) {
    return;
  }
  send_reset();
  release();
}

void TcpEnd::break_off() {
  sched::touch(key_);
  sched::touch(wire_key());
  send_reset();
  segments_.clear();
  event().unset();
  window_shut_ = false;
  bytes_.drop(kernel().fabric().buffers, bytes_.size());
  read_ = arrived_;
  fin_received_ = true;
}

void TcpEnd::vanish() {
  if (drop_request()) {
    return;
  }
  vanished_ = true;
  state_ = State::closed;
  release();
}

void TcpEnd::send_reset() {
  sched::touch(key_);
  state_ = State::closed;
  dispatch(Segment::Kind::reset, 0);
  if (peer().window_shut_) {
    sched::touch(peer().key_);
    peer().keep_only_reset();
  }
}

// A RST does not wait for room in the window: the bytes before it that found no room are lost.
void TcpEnd::keep_only_reset() {
  Segment last;
  while (!segments_.empty()) {
    last = segments_.pop();
  }
  bytes_.cut(kernel().fabric().buffers, bytes_.size() - unread());
  window_shut_ = false;
  segments_.push(last);
  schedule_arrival();
}

void TcpEnd::release() {
  sched::touch(key_);
  sched::touch(wire_key());
  sched::touch(peer().key_, sched::Access::read);
  patience().unset();
  room_timer().unset();
  watch_.reset();
  if (step_ != Handshake::none) {
    step_ = Handshake::none;
    event().unset();
  }
  released_ = true;
  listener = nullptr;
  if (connects_) {
    kernel().free_port(local().port());
  }
  bytes_.drop(kernel().fabric().buffers, bytes_.size());
  read_ = arrived_;
  if (peer().released_) {
    for (TcpEnd* end : {this, &peer()}) {
      if (end->stalled_) {
        std::erase(end->link_->stalled, end);
      }
    }
    delete &connection_;
  }
}

void TcpEnd::connect() {
  TcpEnd& to = peer();
  link_ = &kernel().fabric().link(kernel().number(), to.kernel().number());
  to.link_ = &kernel().fabric().link(to.kernel().number(), kernel().number());
  state_ = State::syn_sent;
  if (&to == this) {
    // The two SYNs act as one, and so do the two answers to them (RFC 9293, figure 8).
    expect_answer({}, arrival(0));
    return;
  }
  retry_syn();
}

// Sends a SYN, and schedules the next one in case no answer comes.
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
  if (to.step_ == Handshake::none && unanswered && reaches_peer()) {
    to.step_ = Handshake::syn;
    to.set_timer(to.event(), arrival(0));
  }
  step_ = Handshake::retry;
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
    // The answer to an earlier SYN was lost.
    if (reaches_peer()) {
      client.expect_answer({}, arrival(0));
    }
    return;
  }
  listener = kernel().ports().listener_at(local(), connection_.key());
  if (listener == nullptr) {
    client.expect_answer(std::errc::connection_refused, arrival(0));
    return;
  }
  sched::touch(listener->key(), sched::Access::read);
  sched::touch(listener->embryos_key(), sched::Access::add);
  if (queue_drops(Arrival::syn)) {
    listener = nullptr;  // the client sends the SYN again
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

// Returns whether the queue of the listener is full, so that what arrives is dropped. A choice may
// make it full for the first SYNs, and for the first ACKs.
bool TcpEnd::queue_drops(Arrival what) {
  if (listener->full()) {
    return true;
  }
  const auto ordinal = static_cast<std::uint8_t>(what);
  if (queue_asked_ <= ordinal) {
    queue_asked_ = (ordinal + 1U) & 3U;
    attempts_ = static_cast<std::uint8_t>(kernel()
                                              .fabric()
                                              .choices
                                              .choose(Site::backlog, connection_.key(), ordinal,
                                                      syn_retries + 2,
                                                      [this] { return connection_.name(); })
                                              .matters());
  }
  return attempts_ != 0 && attempts_-- != 0;
}

void TcpEnd::expect_unreachable() {
  state_ = State::syn_sent;
  expect_answer(std::errc::host_unreachable, kernel().at() + unreachable_after);
}

void TcpEnd::expect_answer(std::errc answer, Instant at) {
  sched::touch(wire_key());
  answer_ = static_cast<std::uint16_t>(answer);
  step_ = Handshake::answer;
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
    watch_->start();
  }
  kernel().report(*this, Readiness::send);
  if (reaches_peer()) {
    send_ack(arrival(0));
  } else {
    stall();
  }
  schedule_arrival();
}

// Performs the last step of the handshake: what is sent from now on arrives behind it.
void TcpEnd::send_ack(Instant at) const {
  TcpEnd& to = peer();
  sched::touch(to.wire_key());
  to.step_ = Handshake::ack;
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
  if (queue_drops(Arrival::ack)) {
    step_ = Handshake::ack;  // it sends its SYN-ACK again, and is acknowledged again
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

// Called if the SYN-ACK was never acknowledged. A client that still exists may connect again.
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

[[gnu::hot]] std::size_t TcpEnd::room() {
  sched::touch(acks_key(), sched::Access::read);
  const Instant now = kernel().at();
  while (!acks_.empty() && acks_.front().at <= now) {
    const Ack ack = acks_.pop();
    acked_ = std::min(ack.bytes, sent_);
    fin_acked_ = ack.bytes > sent_;
    if (watch_ != nullptr) [[unlikely]] {
      watch_->since = ack.at;
    }
  }
  return kernel().options().send_buffer -
         std::min<std::size_t>(sent_ - acked_, kernel().options().send_buffer);
}

Result<std::size_t> TcpEnd::peek(sched::Bytes into) {
  sched::touch(key_);
  const std::size_t most = std::min(unread(), into.size());
  return most == 0 ? nothing_unread(into) : (bytes_.copy(into.first(most)), most);
}

// Returns what a receive that finds no bytes returns.
Result<std::size_t> TcpEnd::nothing_unread(sched::ConstBytes into) {
  if ((into.empty() && unread() != 0) || fin_received_) {
    return std::size_t{0};
  }
  if (error_ != std::errc{}) {
    return take(error_, {});
  }
  if (state_ == State::closed) {
    return std::size_t{0};
  }
  return state_ == State::fresh ? Result<std::size_t>(std::errc::not_connected)
                                : Result<std::size_t>(sched::would_block);
}

[[gnu::hot]] Result<std::size_t> TcpEnd::recv(sched::Bytes into) {
  sched::touch(key_);
  std::size_t most = std::min(unread(), into.size());
  const std::uint32_t ordinal = receives_++;
  if (most == 0) {
    return nothing_unread(into);
  }
  most = bytes_received(*this, ordinal, most);
  if (most == 0) [[unlikely]] {
    return sched::would_block;
  }
  bytes_.take(kernel().fabric().buffers, into.first(most));
  read_ += most;
  if (window_shut_ && unread() <= kernel().options().recv_buffer / 2) {
    sched::touch(wire_key());
    window_shut_ = false;
    // The window update travels to the peer, and what the peer has ready comes back.
    Segment& front = segments_.front();
    front.at = kernel().at() + 2 * link_->options().latency;
    schedule_arrival();
  }
  return most;
}

[[gnu::hot]] Result<std::size_t> TcpEnd::send(sched::Pieces pieces, std::size_t limit) {
  sched::touch(key_);
  const std::uint32_t ordinal = sends_++;
  if (state_ == State::syn_sent) {
    return error_ != std::errc{} ? take(error_, {}) : sched::would_block;
  }
  if (error_ != std::errc{} || fin_sent_ || state_ != State::established) {
    return take(error_, std::errc::broken_pipe);
  }
  std::size_t most = 0;
  for (const sched::ConstBytes& piece : pieces) {
    most += piece.size();
  }
  if (most == 0) {
    return std::size_t{0};
  }
  const std::size_t free = room();
  if (free == 0) {
    wants_room_ = true;
    if (!acks_.empty()) {
      set_timer(room_timer(), acks_.front().at);
    }
    return sched::would_block;
  }
  most = bytes_sent(*this, ordinal, std::min(most, free), limit);
  append_pieces(peer().bytes_, kernel().fabric().buffers, pieces, most);
  sent_ += most;
  dispatch(Segment::Kind::data, most);
  return most;
}

bool TcpEnd::reaches_peer() const { return link_->open() && peer().kernel().has_power(); }

// Returns when what is sent now arrives.
[[gnu::hot]] Instant TcpEnd::arrival(std::size_t bytes) {
  Fabric& fabric = kernel().fabric();
  const LinkOptions& link = link_->options();
  const std::uint32_t ordinal = dispatches_++;
  const Instant now = kernel().at();
  if (link.bytes_per_second != 0) [[unlikely]] {
    sched::touch(sched::everything);
  }
  Instant at = link_->transmit(now, bytes);
  if (at == sched::never) {
    at = now + first_retransmission;  // no room in the link's queue: lost and retransmitted
  }
  at += link.latency;
  const auto called = [this] { return name(); };
  const auto arrives = [this, at] { return Subject{peer().kernel().number(), at}; };
  Choices& choices = fabric.choices;
  Choice late;
  if (link.jitter == sched::Duration::zero()) [[likely]] {
    late = choices.choose(Site::late, key_, ordinal, UINT32_MAX, called, arrives);
  } else {
    const auto most = static_cast<std::uint32_t>(link.jitter.count() / 1000);
    late = choices.choose(Rate{1'000'000, std::max(most, 1U)}, Site::late, key_, ordinal,
                          UINT32_MAX, called, arrives);
  }
  at += std::chrono::microseconds(late.matters());
  const Choice lost =
      link.loss == 0 ? choices.choose(Site::lost, key_, ordinal, 8, called)
                     : choices.choose(Rate{link.loss, 1}, Site::lost, key_, ordinal, 8, called);
  if (lost.deviates()) [[unlikely]] {
    at += first_retransmission * ((std::int64_t{1} << lost.matters()) - 1);
  }
  if (fabric.faults.any(Operation::segment)) [[unlikely]] {
    const Verdict verdict = kernel().judge(Operation::segment, &peer().kernel(), name());
    if (verdict.kind == Verdict::Kind::late) {
      fabric.faults.mattered();
      at += verdict.delay;
    } else if (verdict.kind == Verdict::Kind::drop) {
      fabric.faults.mattered();
      at += first_retransmission;
    }
  }
  return at;
}

[[gnu::hot]] void TcpEnd::dispatch(Segment::Kind kind, std::size_t bytes) {
  TcpEnd& to = peer();
  sched::touch(to.wire_key());
  if (watch_ != nullptr) [[unlikely]] {
    watch_->sends(kind, bytes);
  }
  Segment segment{sched::never, sent_, kind};
  if (to.last_stalled_ || !reaches_peer()) [[unlikely]] {
    stall();
  } else {
    segment.at = std::max(arrival(bytes), to.last_arrival_);
    to.last_arrival_ = segment.at;
  }
  const bool first = to.segments_.empty();
  to.segments_.push(segment);
  if (first) {
    to.schedule_arrival();
  }
}

[[gnu::hot]] void TcpEnd::schedule_arrival() {
  if (step_ == Handshake::none && !segments_.empty() && !window_shut_ &&
      segments_.front().at != sched::never) {
    event().unset();
    kernel().set_timer(event(), segments_.front().at);
  }
}

template <>
void EndTimer<EndEvent::next>::fire() {
  static_cast<TcpEnd&>(*this).on_event();
}
template <>
void EndTimer<EndEvent::room>::fire() {
  static_cast<TcpEnd&>(*this).room_made();
}
template <>
void EndTimer<EndEvent::patience>::fire() {
  static_cast<TcpEnd&>(*this).give_up();
}

void TcpEnd::on_event() {
  switch (std::exchange(step_, Handshake::none)) {
    case Handshake::none:
      return arrive();
    case Handshake::syn:
      return syn_arrived();
    case Handshake::ack:
      return ack_arrived();
    case Handshake::answer:
      return answer_arrived();
    case Handshake::retry:
      return retry_syn();
  }
}

std::string TcpEnd::describe_timer(EndEvent event) const {
  switch (event) {
    case EndEvent::next:
      return describe_next();
    case EndEvent::room:
      return "ACK arrives on " + peer().name();
    case EndEvent::patience:
      break;
  }
  return name() + " times out";
}

std::string TcpEnd::describe_next() const {
  const std::string from = " on " + peer().name();
  switch (step_) {
    case Handshake::none:
      break;
    case Handshake::syn:
      return "SYN arrives" + from;
    case Handshake::ack:
      return "ACK of the handshake arrives" + from;
    case Handshake::answer:
      return (answer_ == 0 ? "SYN-ACK arrives" : "refusal arrives") + from;
    case Handshake::retry:
      return "SYN is sent again on " + name();
  }
  const Segment& first = segments_.front();
  const std::string what = first.kind == Segment::Kind::data
                               ? std::to_string(first.end - arrived_) + " bytes arrive"
                           : first.kind == Segment::Kind::fin   ? "FIN arrives"
                           : first.kind == Segment::Kind::reset ? "RST arrives"
                                                                : "keepalive probe arrives";
  const std::size_t behind = segments_.size() - 1;
  return what + from + (behind == 0 ? "" : ", further segments behind: " + std::to_string(behind));
}

[[gnu::always_inline]] inline void TcpEnd::arrive_data(const Segment& segment) {
  if (released_ || state_ == State::closed) {
    // No process is left to read it. One RST answers everything that was on its way.
    segments_.clear();
    bytes_.cut(kernel().fabric().buffers, bytes_.size() - unread());
    if (!reset_sent_) {
      reset_sent_ = true;
      send_reset();
    }
    return;
  }
  const std::uint64_t window = read_ + kernel().options().recv_buffer;
  const std::uint64_t before = arrived_;
  arrived_ = std::min(segment.end, window);
  if (arrived_ == segment.end) {
    segments_.pop();
  } else {
    window_shut_ = true;
    sched::touch(peer().key_, sched::Access::read);
    if (peer().state_ == State::closed) {
      keep_only_reset();
    }
  }
  if (arrived_ != before) {
    kernel().report(*this, Readiness::recv);
    acknowledge(arrived_);
  }
}

[[gnu::hot]] void TcpEnd::arrive() {
  sched::touch(wire_key());
  sched::touch(key_);
  if (!kernel().has_power()) {
    if (segments_.front().kind == Segment::Kind::probe) {
      segments_.pop();  // it is not retransmitted
      return schedule_arrival();
    }
    segments_.transform([](Segment lost) {
      lost.at = sched::never;
      return lost;
    });
    peer().stall();
    return;
  }
  const Segment segment = segments_.front();
  kernel().fabric().note(
      {Op::deliver, kernel().number(), descriptor(), kernel().at(), peer().key_,
       segment.end | std::uint64_t{static_cast<std::uint8_t>(segment.kind)} << segment_kind_shift});
  switch (segment.kind) {
    case Segment::Kind::data:
      arrive_data(segment);
      break;
    case Segment::Kind::fin:
      segments_.pop();
      if (state_ == State::established && !fin_received_) {
        fin_received_ = true;
        // As EPOLLRDHUP: a partial read may have left the end of the stream unread.
        kernel().report(*this, Readiness::recv | Readiness::hang_up);
        acknowledge(arrived_ + 1);
      }
      break;
    case Segment::Kind::reset:
      segments_.clear();
      arrive_reset();
      return;
    case Segment::Kind::probe:
      segments_.pop();
      answer_probe();
      break;
  }
  schedule_arrival();
}

[[gnu::hot]] void TcpEnd::acknowledge(std::uint64_t bytes) {
  TcpEnd& from = peer();
  sched::touch(from.acks_key());
  if (!reaches_peer()) [[unlikely]] {
    stall();
    from.acks_.push({sched::never, bytes});
    from.start_patience();
    return;
  }
  const Instant at = kernel().at() + link_->options().latency;
  from.acks_.push({at, bytes});
  if (from.wants_room_ && !from.room_timer().is_set()) {
    from.set_timer(from.room_timer(), at);
  }
}

void TcpEnd::room_made() {
  sched::touch(acks_key());
  sched::touch(key_);
  const std::size_t free = room();
  if (wants_room_ && free >= kernel().options().send_buffer / 3) {
    wants_room_ = false;
    kernel().report(*this, Readiness::send);
  } else if (!acks_.empty() && acks_.front().at != sched::never) {
    set_timer(room_timer(), acks_.front().at);
  }
}

void TcpEnd::arrive_reset() {
  if (state_ == State::syn_received) {
    sched::touch(listener->embryos_key(), sched::Access::add);
    std::erase(listener->embryos, this);
    release();
    return;
  }
  if (state_ == State::closed || released_ || finished()) {
    return;
  }
  fail(fin_received_ && !fin_sent_ ? std::errc::broken_pipe : std::errc::connection_reset);
}

// Ends the connection here with an error for the next call. REQUIRES: the step has touched key_.
void TcpEnd::fail(std::errc error) {
  sched::touch(wire_key());
  error_ = error;
  state_ = State::closed;
  segments_.clear();
  event().unset();
  window_shut_ = false;
  bytes_.cut(kernel().fabric().buffers, bytes_.size() - unread());
  patience().unset();
  if (watch_ != nullptr) {
    watch_->unset();
  }
  constexpr auto all = Readiness::recv | Readiness::send | Readiness::hang_up | Readiness::error;
  kernel().report(*this, all);
}

void TcpEnd::start_patience() {
  if (!patience().is_set() && !released_ && link_->state() != LinkState::held) {
    stalled_since_ = kernel().at();
    set_timer(patience(), stalled_since_ + retransmission_limit);
  }
}

void TcpEnd::stall() {
  sched::touch(sched::everything);
  peer().last_stalled_ = true;
  start_patience();
  if (!stalled_) {
    stalled_ = true;
    stalled_since_ = kernel().at();
    link_->stalled.push_back(this);
  }
}

void TcpEnd::give_up() {
  sched::touch(key_);
  if (state_ == State::syn_received) {
    forget_client();
  } else if (state_ != State::closed &&
             (watch_ == nullptr || watch_->options.user_timeout.count() == 0)) {
    fail(std::errc::timed_out);
  }
}

void TcpEnd::link_opened(Instant now, bool was_held) {
  if (!reaches_peer()) {
    link_->stalled.push_back(this);
    return;
  }
  stalled_ = false;
  TcpEnd& to = peer();
  to.last_stalled_ = false;
  patience().unset();
  const Instant sends = was_held ? now : next_retransmission(stalled_since_, now);
  const Instant at = std::max(sends + link_->options().latency, to.last_arrival_);
  to.last_arrival_ = at;
  to.segments_.transform([&](Segment segment) {
    segment.at = segment.at == sched::never ? at : segment.at;
    return segment;
  });
  if (state_ == State::established && to.state_ == State::syn_received &&
      to.step_ == TcpEnd::Handshake::none) {
    send_ack(at);
  }
  to.schedule_arrival();
  to.acks_.transform([&](Ack ack) {
    ack.at = ack.at == sched::never ? at : ack.at;
    return ack;
  });
  if (to.wants_room_ && !to.acks_.empty()) {
    to.set_timer(to.room_timer(), to.acks_.front().at);
  }
  to.patience().unset();
}

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
    watch_->start();
  }
}

// An end that has forgotten the connection answers with a RST.
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

std::string_view TcpEnd::shown_state() const {
  switch (state_) {
    case State::fresh:
    case State::closed:
      return "CLOSED";
    case State::syn_sent:
      return "SYN-SENT";
    case State::syn_received:
      return "SYN-RECV";
    case State::established:
      break;
  }
  if (fin_sent_ && fin_received_) {
    return fin_acked_ ? "TIME-WAIT" : "LAST-ACK";
  }
  if (fin_sent_) {
    return fin_acked_ ? "FIN-WAIT-2" : "FIN-WAIT-1";
  }
  return fin_received_ ? "CLOSE-WAIT" : "ESTAB";
}

}  // namespace rehearsal::simnet
