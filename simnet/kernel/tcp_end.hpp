// TcpEnd: one end of a TCP connection. Bytes are in the buffer of the receiving end from the moment
// they are sent; what travels is the notice of them, as segments that arrive in order. One end sees
// nothing of the other except through a segment or an acknowledgement.
//
// Follows tcp(7) and RFC 9293, and Linux 6 in what they leave open:
// tests/properties/conformance compares.
// Simplified: no sequence numbers, no congestion window, no TIME_WAIT.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "sched/core/timers.hpp"
#include "sched/seam/endpoint.hpp"
#include "sched/seam/network.hpp"
#include "simnet/kernel/keepalive.hpp"
#include "simnet/kernel/open_file.hpp"
#include "simnet/kernel/segment.hpp"
#include "simnet/kernel/small_queue.hpp"
#include "simnet/network/buffer.hpp"
#include "simnet/network/link.hpp"

namespace rehearsal::simnet {

class Connection;
class TcpListener;
class TcpEnd;

// One of the timers of an end. It is a base class of the end, so that it needs no pointer to it.
enum class EndEvent : std::uint8_t { next, room, patience };
template <EndEvent event>
class EndTimer : public sched::Timer {
 protected:
  EndTimer() = default;
  ~EndTimer() = default;

 private:
  [[gnu::hot]] void fire() override;
  [[nodiscard]] std::uint64_t timer_key() const override;
  [[nodiscard]] std::string describe() const override;
};
template <>
void EndTimer<EndEvent::next>::fire();
template <>
void EndTimer<EndEvent::room>::fire();
template <>
void EndTimer<EndEvent::patience>::fire();

// Aligned, so that what a segment uses is in as few cache lines as can hold it: the first one, and
// those from `peer_` on.
class alignas(64) TcpEnd final : public OpenFile,
                                 private EndTimer<EndEvent::next>,
                                 private EndTimer<EndEvent::room>,
                                 private EndTimer<EndEvent::patience> {
 public:
  enum class State : std::uint8_t { fresh, syn_sent, syn_received, established, closed };

  TcpEnd(Connection& connection, Kernel& kernel, bool connects);

  // Returns the other end; itself if a client has connected to its own port.
  [[nodiscard]] TcpEnd& peer() const { return *peer_; }
  [[nodiscard]] Connection& connection() const { return connection_; }
  [[nodiscard]] State state() const { return state_; }
  // Returns the key of the direction in which it sends.
  [[nodiscard]] std::uint64_t key() const { return key_; }
  // Returns the name of the connection, with '>' or '<' for the direction in which it sends.
  [[nodiscard]] std::string name() const;
  [[nodiscard]] const sched::Endpoint& local() const;
  [[nodiscard]] const sched::Endpoint& remote() const;
  // Returns an address as this end shows it: an IPv6 socket shows an IPv4 address mapped.
  [[nodiscard]] sched::Endpoint shown(const sched::Endpoint& at) const;

  // The calls of the sched::Network interface.
  void connect();
  sched::Result<> connected();
  sched::Result<std::size_t> recv(sched::Bytes into);
  // Copies the first bytes that recv() would return, and leaves them (MSG_PEEK of recv(2)).
  sched::Result<std::size_t> peek(sched::Bytes into);
  sched::Result<std::size_t> send(sched::Pieces pieces, std::size_t limit);
  sched::Result<> shutdown_send();
  // Sets the options. REQUIRES: options.valid().
  void set_options(const sched::StreamOptions& options);
  void close();
  void abort();

  // The host of this end loses its power: nothing more is sent, not even a RST.
  void vanish();
  // Resets an end that is not accepted, because its listener is closed or the host's
  // process has ended.
  void refuse();
  bool drop_request();
  // Breaks the connection at both ends; the caller reports the error at this end.
  void break_off();
  // No host has the address: lets the attempt to connect fail later.
  void expect_unreachable();
  // Returns whether both directions are finished, so that the kernel needs the connection no more.
  [[nodiscard]] bool finished() {
    room();
    return fin_acked_ && fin_received_;
  }
  // Called when it gets a descriptor. If a FIN or a RST arrived before, reports it, as epoll does
  // when a socket is added: a partial read must not hide it.
  void report_early_end();
  // Returns what poll(2) reports: recv, send, hang_up, error.
  [[nodiscard]] sched::Readiness readiness();
  [[nodiscard]] std::errc pending_error() const { return error_; }
  // Returns whether the peer has finished sending.
  [[nodiscard]] bool receiving_ended() const { return fin_received_ || state_ == State::closed; }
  // What ss(8) shows: bytes that arrived and were not read, bytes that were sent and not
  // acknowledged, and the state.
  [[nodiscard]] std::size_t unread() const { return arrived_ - read_; }
  [[nodiscard]] std::size_t unacknowledged() const {
    return sent_ > acked_ ? static_cast<std::size_t>(sent_ - acked_) : 0;
  }
  [[nodiscard]] std::string_view shown_state() const;
  // Called when the link to the peer opens at `now`.
  void link_opened(sched::Instant now, bool was_held);

  // Keys for a search. What is on its way to this end with its next event, and what was
  // acknowledged to it, are objects apart from what its program sees.
  [[nodiscard]] std::uint64_t wire_key() const { return key_ + 1; }
  [[nodiscard]] std::uint64_t acks_key() const { return key_ + 2; }

  TcpListener* listener = nullptr;  // while syn_received, or queued and not accepted

 private:
  friend class Connection;
  friend class Keepalive;
  friend class Prefetch;
  template <EndEvent event>
  friend class EndTimer;

  void syn_arrived();
  void ack_arrived();
  enum class Arrival : std::uint8_t { syn, ack };
  [[nodiscard]] bool queue_drops(Arrival what);
  sched::Result<std::size_t> nothing_unread(sched::ConstBytes into);
  void expect_answer(std::errc answer, sched::Instant at);
  void answer_arrived();
  void retry_syn();
  void send_ack(sched::Instant at) const;  // changes the peer only
  void arrive();
  void arrive_data(const Segment& segment);
  void arrive_reset();
  void room_made();
  void give_up();
  void forget_client();
  void answer_probe();
  void finish();
  [[nodiscard]] bool waits_for_ack() const { return sent_ != acked_ || (fin_sent_ && !fin_acked_); }
  void on_event();
  // Returns what the timer of this event does.
  [[nodiscard]] std::string describe_timer(EndEvent event) const;
  [[nodiscard]] std::string describe_next() const;
  // The next step of the handshake, or the arrival of the front segment.
  sched::Timer& event() { return static_cast<EndTimer<EndEvent::next>&>(*this); }
  // The acknowledgement that makes room in a full buffer.
  sched::Timer& room_timer() { return static_cast<EndTimer<EndEvent::room>&>(*this); }
  // The limit on the silence of the peer.
  sched::Timer& patience() { return static_cast<EndTimer<EndEvent::patience>&>(*this); }

  void dispatch(Segment::Kind kind, std::size_t bytes);
  [[nodiscard]] sched::Instant arrival(std::size_t bytes);
  void stall();
  void start_patience();
  void schedule_arrival();
  void acknowledge(std::uint64_t bytes);
  std::size_t room();
  void send_reset();
  void keep_only_reset();
  void disconnect();
  void fail(std::errc error);
  void release();
  [[nodiscard]] bool reaches_peer() const;
  void set_timer(sched::Timer& timer, sched::Instant at);

  // The next step of the handshake at this end; `none` when it is done.
  enum class Handshake : std::uint8_t { none, syn, ack, answer, retry };

  struct Ack {
    sched::Instant at{};
    std::uint64_t bytes = 0;  // arrived bytes, counting a FIN as one
  };

  Connection& connection_;
  sched::Instant stalled_since_{};
  TcpEnd* peer_ = nullptr;
  Link* link_ = nullptr;              // to the peer
  std::unique_ptr<Keepalive> watch_;  // null: no options ask for it
  std::uint64_t key_;
  // The direction towards this end.
  Buffer bytes_;
  SmallQueue<Segment> segments_;
  std::uint64_t arrived_ = 0;
  std::uint64_t read_ = 0;
  sched::Instant last_arrival_{};
  // The direction from this end.
  std::uint64_t sent_ = 0;
  std::uint64_t acked_ = 0;
  SmallQueue<Ack> acks_;
  std::uint32_t sends_ = 0;
  std::uint32_t receives_ = 0;
  std::uint32_t dispatches_ = 0;
  std::errc error_{};
  std::uint16_t answer_ = 0;  // the std::errc that answers the attempt to connect
  // SYNs that a client has sent; at a server, SYNs or ACKs that its full queue still drops.
  std::uint8_t attempts_ = 0;
  State state_ = State::fresh;
  Handshake step_ = Handshake::none;
  bool connects_;
  bool fin_sent_ : 1 = false;
  bool fin_received_ : 1 = false;
  bool fin_acked_ : 1 = false;
  bool wants_room_ : 1 = false;   // the last send found no room
  bool window_shut_ : 1 = false;  // the front segment waits until something is read
  bool stalled_ : 1 = false;      // in the list of its link
  bool released_ : 1 = false;     // no descriptor and no queue refers to it
  bool vanished_ : 1 = false;
  bool reset_sent_ : 1 = false;
  bool resets_on_close_ : 1 = false;
  std::uint8_t queue_asked_ : 2 = 0;  // the Arrivals for which queue_drops() has made its choice
  bool last_stalled_ : 1 = false;     // the last segment towards this end waits for its link

 public:
  bool shows_mapped : 1 = false;  // its listener is IPv6, its client IPv4
};

template <EndEvent event>
std::uint64_t EndTimer<event>::timer_key() const {
  return static_cast<const TcpEnd&>(*this).key() + static_cast<std::uint64_t>(event);
}
template <EndEvent event>
std::string EndTimer<event>::describe() const {
  return static_cast<const TcpEnd&>(*this).describe_timer(event);
}

}  // namespace rehearsal::simnet
