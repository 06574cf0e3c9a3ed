// HostEvents: the events of a run in the order of each host, and on which events of other hosts
// each depends. first_difference() compares two runs with it.
//
// An event depends on the earlier events of its host, whose tasks share memory, and on what its
// host has received: the happens-before relation (Lamport: Time, clocks, and the ordering of events
// in a distributed system, 1978) with hosts as processes. A delivered segment depends on the events
// of its sender up to the send of its last byte, a new connection on those of the peer, and a
// datagram on all events of all hosts until then.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "sched/base/key_table.hpp"
#include "simnet/network/run_event.hpp"
#include "simnet/scenario.hpp"

namespace rehearsal::simnet {

class HostEvents final : public RunWatcher {
 public:
  // The first event of a host in which a run differs from another. A number of 0 means that the
  // host has no more events there.
  struct Difference {
    std::uint64_t failing = 0;
    std::uint64_t other = 0;

    friend bool operator==(const Difference&, const Difference&) = default;
  };

  void begins(World& world) override;
  void ends(World& world, const RunReport& report) override;

  // Returns, of the events in which the failing run differs from `other`, the first on which the
  // last resumption of the failing run depends, or the first of all if `of_all` is true. If that
  // host lacks an event of `other`, also the events count on which that one depends there. Times do
  // not count: a host that does the same later does the same. Returns nothing if there is none.
  [[nodiscard]] std::optional<Difference> first_difference(const HostEvents& other,
                                                           bool of_all) const;

 private:
  static constexpr std::size_t most = 4'000'000;
  static constexpr std::uint32_t nobody = ~std::uint32_t{0};
  static constexpr std::uint32_t everybody = nobody - 1;

  // The event of number n is all_[n - 1].
  struct Event {
    std::uint64_t what = 0;  // a hash of it without its time
    std::uint32_t host = 0;
    bool resumes = false;
    std::uint32_t from = nobody;  // the host it also depends on
    std::size_t count = 0;        // on that number of its events
  };
  // How many events its host had when a byte of a direction was sent.
  struct Sent {
    std::uint64_t bytes = 0;  // up to and including this send
    std::size_t count = 0;
  };

  void happens(const Fabric& fabric, const RunEvent& event);
  void depend(Event& event, const Fabric& fabric, const RunEvent& why);
  // How many events of each host are needed.
  using Counts = std::vector<std::size_t>;
  [[nodiscard]] Counts needed_for(std::size_t event) const;
  [[nodiscard]] Counts needed_for_all() const;
  [[nodiscard]] std::size_t end_of_step(std::size_t event) const;
  // Returns the events of a host, as indexes of all_.
  [[nodiscard]] std::span<const std::size_t> of_host(std::size_t host) const;
  [[nodiscard]] std::size_t equal_events(const HostEvents& other, std::size_t host) const;
  [[nodiscard]] Difference difference(const HostEvents& other, std::size_t host) const;

  std::vector<Event> all_;
  std::vector<std::vector<std::size_t>> by_host_;
  KeyTable<std::vector<Sent>> sent_;  // by the key of a direction
  std::size_t last_step_ = 0;         // index of the last resumption
};

}  // namespace rehearsal::simnet
