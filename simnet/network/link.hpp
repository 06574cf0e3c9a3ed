// Link: carries packets from one host to another, in one direction. Two hosts have two links.
#pragma once

#include <cstdint>
#include <vector>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

class TcpEnd;

/// Options of a link.
struct LinkOptions {
  LinkOptions() = default;

  /// Time from the last bit's departure to its arrival.
  sched::Duration latency = std::chrono::microseconds(100);
  /// Maximum extra delay of a packet. If not 0, a random policy delays every packet by up to this,
  /// in whole microseconds. 0 means that the policy's own rate for Site::late applies.
  sched::Duration jitter{};
  /// Bandwidth in bytes per second; 0 means no limit.
  std::uint64_t bytes_per_second = 0;
  /// Maximum number of bytes that wait for a link with limited bandwidth; 0 means no limit. A
  /// datagram beyond it is lost, and a TCP segment is retransmitted.
  std::uint64_t queue_bytes = 0;
  /// Probability of losing a packet under a random policy, in parts per million. A lost TCP
  /// segment is retransmitted; a lost datagram is not. 0 means that the policy's own rate for
  /// Site::lost applies.
  std::uint32_t loss = 0;
  /// Probability of delivering a datagram twice under a random policy, in parts per million. 0
  /// means that the policy's own rate for Site::duplicate applies.
  std::uint32_t duplication = 0;
  /// Probability of delaying a datagram behind later ones under a random policy, in parts per
  /// million. The delay is at most four times the latency. It has no effect if `jitter` is not 0.
  std::uint32_t reordering = 0;
};

/// What a link does with packets that are sent now.
enum class LinkState : std::uint8_t {
  /// Delivers them.
  open,
  /// Delays TCP segments until the link is open again; loses datagrams.
  held,
  /// Loses them; TCP retransmits until the link is open again or the connection times out.
  cut
};

/// One direction between two hosts. World::link() returns it; it lives as long as its world.
// One packet uses only the first cache line.
class alignas(64) Link {
 public:
  /// Creates a link between two hosts, by their numbers. The world calls it.
  Link(std::uint32_t from, std::uint32_t to, const LinkOptions& options)
      : options_(options), from_(from), to_(to) {}

  /// Returns the number of the sending host.
  [[nodiscard]] std::uint32_t from() const { return from_; }
  /// Returns the number of the receiving host.
  [[nodiscard]] std::uint32_t to() const { return to_; }
  /// Returns the present options.
  [[nodiscard]] const LinkOptions& options() const { return options_; }
  /// Changes the options for packets sent from now on.
  void set_options(const LinkOptions& options) { options_ = options; }
  /// Returns whether the link is open, held or cut.
  [[nodiscard]] LinkState state() const { return state_; }
  /// Sets the state. Use World::partition(), hold() and heal() instead, which also retransmit.
  void set_state(LinkState state) { state_ = state; }
  /// Returns whether the link is open.
  [[nodiscard]] bool open() const { return state_ == LinkState::open; }

  /// Sends `bytes` at `now`. Returns when the last bit leaves, or `never` if the queue is full.
  sched::Instant transmit(sched::Instant now, std::size_t bytes) {
    if (options_.bytes_per_second == 0) [[likely]] {
      return now;
    }
    return transmit_limited(now, bytes);
  }

 private:
  sched::Instant transmit_limited(sched::Instant now, std::size_t bytes);

  LinkOptions options_;
  std::uint32_t from_;
  std::uint32_t to_;
  LinkState state_ = LinkState::open;
  sched::Instant free_at_{};

 public:
  /// TCP ends with segments that this link did not carry. Each is notified when the link opens.
  std::vector<TcpEnd*> stalled;
};

}  // namespace rehearsal::simnet
