// How segments and acknowledgements travel, and what their arrival does.
#include <algorithm>

#include "sched/base/check.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/tcp.hpp"
#include "simnet/kernel/tcp_timing.hpp"

namespace rehearsal::simnet {

using sched::Instant;
using sched::Readiness;

bool TcpEnd::reaches_peer() const { return link_->open() && peer().kernel().has_power(); }

// When what is sent now arrives.
Instant TcpEnd::arrival(std::size_t bytes) {
  Fabric& fabric = kernel().fabric();
  const LinkOptions& link = link_->options();
  const std::uint32_t ordinal = dispatches_++;
  const Instant now = kernel().at();
  if (link.bytes_per_second != 0) [[unlikely]] {
    sched::touch(sched::everything);
  }
  Instant at = link_->transmit(now, bytes);
  if (at == sched::never) {
    at = now + first_retransmission;  // no room in the queue of the link: lost, and sent again
  }
  at += link.latency;
  const auto called = [this] { return name(); };
  Choices& choices = fabric.choices;
  std::uint32_t late = 0;
  if (link.jitter == sched::Duration::zero()) [[likely]] {
    late = choices.choose(Site::late, key_, ordinal, UINT32_MAX, called);
  } else {
    const auto most = static_cast<std::uint32_t>(link.jitter.count() / 1000);
    late = choices.choose(Rate{1'000'000, std::max(most, 1U)}, Site::late, key_, ordinal,
                          UINT32_MAX, called);
  }
  if (late != 0) {
    choices.mattered(Site::late);
    at += std::chrono::microseconds(late);
  }
  const std::uint32_t lost =
      link.loss == 0 ? choices.choose(Site::lost, key_, ordinal, 8, called)
                     : choices.choose(Rate{link.loss, 1}, Site::lost, key_, ordinal, 8, called);
  if (lost != 0) [[unlikely]] {
    choices.mattered(Site::lost);
    at += first_retransmission * ((std::int64_t{1} << lost) - 1);
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

void TcpEnd::dispatch(Segment::Kind kind, std::size_t bytes) {
  TcpEnd& to = peer();
  sched::touch(to.wire_key());
  if (watch_ != nullptr) [[unlikely]] {
    watch_sending(kind, bytes);
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

void TcpEnd::schedule_arrival() {
  if (step_ == Step::none && !segments_.empty() && !window_shut_ &&
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
void EndTimer<EndEvent::next>::prefetch() const {
  static_cast<const TcpEnd&>(*this).prefetch_arrival();
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
  switch (std::exchange(step_, Step::none)) {
    case Step::none:
      return arrive();
    case Step::syn:
      return syn_arrived();
    case Step::ack:
      return ack_arrived();
    case Step::answer:
      return answer_arrived();
    case Step::retry:
      return retry_syn();
  }
}

[[gnu::always_inline]] inline void TcpEnd::arrive_data(const Segment& segment) {
  if (released_ || state_ == State::closed) {
    // Nobody is there to read it. What was on its way is answered by one reset.
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

void TcpEnd::arrive() {
  sched::touch(wire_key());
  sched::touch(key_);
  if (!kernel().has_power()) {
    if (segments_.front().kind == Segment::Kind::probe) {
      segments_.pop();  // never sent again as such
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
       segment.end | std::uint64_t{static_cast<std::uint8_t>(segment.kind)} << 62U});
  switch (segment.kind) {
    case Segment::Kind::data:
      arrive_data(segment);
      break;
    case Segment::Kind::fin:
      segments_.pop();
      if (state_ == State::established && !fin_received_) {
        fin_received_ = true;
        // As EPOLLRDHUP: it tells that a short receive may have left the end behind.
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

void TcpEnd::acknowledge(std::uint64_t bytes) {
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

// The connection ends here, with an error for whoever calls next.
void TcpEnd::fail(std::errc error) {
  sched::touch(key_);
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
      to.step_ == TcpEnd::Step::none) {
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

}  // namespace rehearsal::simnet
