// A link carries what one host sends to another, one way. The two directions between two hosts are
// two links.
#pragma once

#include <chrono>
#include <cstdint>
#include <vector>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

class TcpEnd;

struct LinkOptions {
  LinkOptions() = default;

  sched::Duration latency = std::chrono::microseconds(100);
  // Under a random policy every packet takes up to so much longer; zero: as the policy's rate says.
  sched::Duration jitter{};
  std::uint64_t bytes_per_second = 0;  // zero: no limit
  // What may wait for a limited link; beyond it a packet is lost. Zero: no limit.
  std::uint64_t queue_bytes = 0;
  // Of packets, in parts per million, under a random policy: a datagram is lost for good, a segment
  // is sent again; a datagram comes twice; a datagram is overtaken by later ones.
  std::uint32_t loss = 0;
  std::uint32_t duplication = 0;
  std::uint32_t reordering = 0;
};

// What a link does with what is sent now.
enum class LinkState : std::uint8_t {
  open,
  held,  // keeps it until released
  cut    // loses it; TCP sends again until the link is open
};

// What a packet asks of it lies in one line of the cache.
class alignas(64) Link {
 public:
  Link(std::uint32_t from, std::uint32_t to, const LinkOptions& options)
      : options_(options), from_(from), to_(to) {}

  [[nodiscard]] std::uint32_t from() const { return from_; }
  [[nodiscard]] std::uint32_t to() const { return to_; }
  [[nodiscard]] const LinkOptions& options() const { return options_; }
  void set_options(const LinkOptions& options) { options_ = options; }
  [[nodiscard]] LinkState state() const { return state_; }
  void set_state(LinkState state) { state_ = state; }
  [[nodiscard]] bool open() const { return state_ == LinkState::open; }

  // When the last bit of `bytes` that are sent at `now` leaves; `never` where the queue is full.
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
  // Ends that have sent what this link did not carry; they are told when it is open again.
  std::vector<TcpEnd*> stalled;
};

}  // namespace rehearsal::simnet
