#include "simnet/kernel/tcp.hpp"

#include <algorithm>

#include "sched/base/check.hpp"
#include "sched/base/key.hpp"
#include "sched/core/footprint.hpp"
#include "simnet/kernel/kernel.hpp"
#include "simnet/kernel/tcp_timing.hpp"

namespace rehearsal::simnet {

using sched::Instant;
using sched::Readiness;
using sched::Result;

Connection::Connection(Kernel& from, Kernel& to, std::string_view name, std::uint64_t key,
                       const sched::Endpoint& local, const sched::Endpoint& remote)
    : name_(std::make_unique<char[]>(name.size() + 1)),
      key_(key),
      client_at_(local),
      server_at_(remote),
      client_(*this, from, true),
      server_(*this, to, false) {
  name.copy(name_.get(), name.size());
  client_.peer_ = local == remote ? &client_ : &server_;
  server_.peer_ = &client_;
}

TcpEnd& Connection::open(Kernel& from, Kernel& to, std::string_view name, std::uint64_t key,
                         const sched::Endpoint& local, const sched::Endpoint& remote) {
  // Owned by its ends: TcpEnd::release deletes it.
  auto* connection = new Connection(from, to, name, key, local, remote);
  connection->server_.released_ = true;  // until a listener has it
  return connection->client_;
}

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

// What shutdown(2) does to a connection that is being made: it is as if it had never begun.
void TcpEnd::disconnect() {
  TcpEnd& to = peer();
  sched::touch(wire_key());
  sched::touch(to.wire_key());
  sched::touch(to.key_, sched::Access::read);
  if (to.state_ == State::syn_received) {
    send_reset();
  } else {
    to.step_ = Step::none;  // the SYN that may be on its way
    to.event().unset();
  }
  step_ = Step::none;
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

// A FIN, or a RST where something was not read.
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
    send_reset();  // what answers the SYN-ACK that is on its way
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

void TcpEnd::refuse() {
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

// A reset does not wait for room in the window: the bytes before it that found none are gone.
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
  if (step_ != Step::none) {
    step_ = Step::none;
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

}  // namespace rehearsal::simnet
