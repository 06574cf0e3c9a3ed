// How bytes get into a connection and out of it, from the seam on: what every message takes, so
// that one call does all of it.
#include <algorithm>

#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/kernel_note.hpp"
#include "simnet/kernel/tcp.hpp"

namespace rehearsal::simnet {

using sched::Descriptor;
using sched::Instant;
using sched::Readiness;
using sched::Result;

namespace {

// What a call that fails with a pending error gives; the error is taken.
std::errc take(std::errc& error, std::errc otherwise) {
  return error == std::errc{} ? otherwise : std::exchange(error, std::errc{});
}

}  // namespace

std::size_t TcpEnd::room() {
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

[[gnu::always_inline]] inline Result<std::size_t> TcpEnd::recv(sched::Bytes into) {
  sched::touch(key_);
  std::size_t most = std::min(unread(), into.size());
  const std::uint32_t ordinal = receives_++;
  if (most == 0) {
    if (into.empty() && unread() != 0) {
      return std::size_t{0};
    }
    if (fin_received_) {
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
  Choices& choices = kernel().fabric().choices;
  const auto called = [this] { return name(); };
  if (choices.choose(Site::again, key_, ordinal, 2, called) != 0) [[unlikely]] {
    choices.mattered(Site::again);
    kernel().report(*this, Readiness::recv);
    return sched::would_block;
  }
  const std::uint32_t limit = choices.choose(Site::recv, key_, ordinal, UINT32_MAX, called);
  if (limit != 0 && limit < most) [[unlikely]] {
    choices.mattered(Site::recv);
    kernel().report(*this, Readiness::recv);
    most = limit;
  }
  bytes_.take(kernel().fabric().buffers, into.first(most));
  read_ += most;
  if (window_shut_ && unread() <= kernel().options().recv_buffer / 2) {
    sched::touch(wire_key());
    window_shut_ = false;
    // The news of the window goes to the peer, and what it has ready comes back.
    Segment& front = segments_.front();
    front.at = kernel().at() + 2 * link_->options().latency;
    schedule_arrival();
  }
  return most;
}

[[gnu::always_inline]] inline Result<std::size_t> TcpEnd::send(sched::Pieces pieces,
                                                               std::size_t limit) {
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
  most = std::min(most, free);
  Choices& choices = kernel().fabric().choices;
  const std::uint32_t chosen =
      choices.choose(Site::send, key_, ordinal, UINT32_MAX, [this] { return name(); });
  if (chosen != 0 && chosen < most) [[unlikely]] {
    choices.mattered(Site::send);
    most = chosen;
  }
  if (limit < most) [[unlikely]] {
    kernel().fabric().faults.mattered();
    most = limit;
  }
  TcpEnd& to = peer();
  std::size_t left = most;
  for (const sched::ConstBytes& piece : pieces) {
    const std::size_t size = std::min(piece.size(), left);
    if (size != 0) {
      to.bytes_.append(kernel().fabric().buffers, piece.first(size));
    }
    left -= size;
    if (left == 0) {
      break;
    }
  }
  sent_ += most;
  dispatch(Segment::Kind::data, most);
  return most;
}

// A stream's call is about to be made: what the fault rules say of it.
[[gnu::noinline]] std::errc Kernel::judge_call(Operation on, TcpEnd& end, std::size_t& limit) {
  Faults& faults = fabric_.faults;
  const Verdict verdict = judge(on, &end.peer().kernel(), end.name());
  if (verdict.kind == Verdict::Kind::reset) {
    faults.mattered();
    end.break_off();
    return std::errc::connection_reset;
  }
  if (verdict.kind == Verdict::Kind::fail) {
    faults.mattered();
    if (verdict.error == sched::would_block) {
      report(end, on == Operation::recv ? Readiness::recv : Readiness::send);
    }
    return verdict.error;
  }
  if (verdict.kind == Verdict::Kind::limit) {
    limit = verdict.count;
  }
  return {};
}

// The connection may be reset, or the call fail.
[[gnu::always_inline]] inline std::errc Kernel::call_fault(Operation on, TcpEnd& end,
                                                           std::size_t& limit) {
  const std::uint32_t ordinal = end.ordinals.calls++;
  if (fabric_.choices.choose(Site::reset, end.key(), ordinal, 2, [&] { return end.name(); }) != 0)
      [[unlikely]] {
    fabric_.choices.mattered(Site::reset);
    end.break_off();
    return std::errc::connection_reset;
  }
  return fabric_.faults.any(on) ? judge_call(on, end, limit) : std::errc{};
}

Result<std::size_t> Kernel::recv(Descriptor descriptor, sched::Bytes into) {
  auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  if (end == nullptr) [[unlikely]] {
    if (find<UdpSocket>(descriptor, OpenFile::Kind::datagram) != nullptr) {
      const auto datagram = recv_from(descriptor, into);
      return datagram.ok() ? Result<std::size_t>(datagram.value().size) : datagram.error();
    }
    return unfit(descriptor, std::errc::not_connected, std::errc::not_connected);
  }
  std::size_t limit = into.size();
  if (end->state() == TcpEnd::State::established) {
    const std::errc fault = call_fault(Operation::recv, *end, limit);
    if (fault != std::errc{}) [[unlikely]] {
      return note(Op::recv, descriptor, end->key(), Result<std::size_t>(fault));
    }
  }
  if (limit < into.size()) [[unlikely]] {
    fabric_.faults.mattered();
    report(*end, Readiness::recv);
    into = into.first(limit);
  }
  const auto received = end->recv(into);
  if (received.error() == sched::would_block) {
    return received;
  }
  fabric_.note({Op::recv, number_, descriptor, at_, end->key(), noted_value(received),
                into.first(received.ok() ? received.value() : 0), false});
  return received;
}

Result<std::size_t> Kernel::send(Descriptor descriptor, sched::Pieces pieces) {
  auto* end = find<TcpEnd>(descriptor, OpenFile::Kind::stream);
  if (end == nullptr) [[unlikely]] {
    if (auto* socket = find<UdpSocket>(descriptor, OpenFile::Kind::datagram); socket != nullptr) {
      return send_to_peer(*socket, pieces);
    }
    return unfit(descriptor, std::errc::broken_pipe, {});
  }
  std::size_t limit = SIZE_MAX;
  if (end->state() == TcpEnd::State::established) {
    const std::errc fault = call_fault(Operation::send, *end, limit);
    if (fault != std::errc{}) [[unlikely]] {
      return note(Op::send, descriptor, end->key(), Result<std::size_t>(fault));
    }
  }
  const auto sent = end->send(pieces, limit);
  if (sent.error() == sched::would_block) {
    return sent;
  }
  // What went out, as far as it lies in the first piece: the digest takes the rest by its size.
  const bool hashed = sent.ok() && !pieces.empty();
  fabric_.note({Op::send, number_, descriptor, at_, end->key(), noted_value(sent),
                hashed ? pieces.front().first(std::min(pieces.front().size(), sent.value()))
                       : sched::ConstBytes()});
  return sent;
}

}  // namespace rehearsal::simnet
