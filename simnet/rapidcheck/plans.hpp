// What a rapidcheck property may be given of a world: its links, and what goes wrong in it. All of
// it shrinks towards a world in which nothing does: fewer faults, at lower times, over plain links.
//
//   rc::check([](...) {
//     const WorldPlan plan = *world_plans({"server", "client-0", "client-1"});
//     ...
//     plan.apply(world);
#pragma once

#include <cstdint>
#include <iosfwd>
#include <string>
#include <vector>

#include "simnet/rapidcheck/assertions.hpp"

namespace rehearsal::simnet {

// One way. The default is a link of a world of no options.
struct PlannedLink {
  std::string from;
  std::string to;
  LinkOptions options;
};

struct PlannedFault {
  // `refuse` and the two below are of the nth operation of `host`: a connect is refused, a send is
  // reset, a receive takes one byte.
  enum class Kind : std::uint8_t {
    pause,
    hold,
    partition,
    partition_one_way,
    kill,
    power_off,
    refuse,
    reset,
    trickle
  };

  Kind kind = Kind::pause;
  std::string host;
  std::string other;        // of the kinds that are of two hosts
  sched::Duration at{};     // since the run began
  sched::Duration lasts{};  // until it is over: resumed, healed, restarted
  std::uint64_t nth = 1;    // of the last three kinds
};

struct WorldPlan {
  std::vector<std::string> hosts;
  std::vector<PlannedLink> links;  // those that are no plain ones, each pair of hosts once
  std::vector<PlannedFault> faults;

  // Makes the hosts, and sets the links and faults up. Every fault is over in the end. It is no
  // mistake where one never comes.
  void apply(World& world) const;
};

struct FaultKinds {
  FaultKinds() = default;

  bool breaks_connections = true;  // kill, power_off, refuse, reset
  sched::Duration latest = std::chrono::seconds(2);
  sched::Duration longest = std::chrono::seconds(2);
};

// Latency up to 50 ms, jitter up to 20 ms, a bandwidth, and of datagrams loss and duplication.
[[nodiscard]] rc::Gen<LinkOptions> link_options();
// REQUIRES: at least one host; without a second one none of the kinds of two.
[[nodiscard]] rc::Gen<PlannedFault> planned_faults(const std::vector<std::string>& hosts,
                                                   const FaultKinds& kinds = {});
// Of some pairs of hosts.
[[nodiscard]] rc::Gen<std::vector<PlannedLink>> planned_links(
    const std::vector<std::string>& hosts);
[[nodiscard]] rc::Gen<WorldPlan> world_plans(const std::vector<std::string>& hosts,
                                             const FaultKinds& kinds = {});

void showValue(const PlannedLink& link, std::ostream& out);
void showValue(const PlannedFault& fault, std::ostream& out);
void showValue(const WorldPlan& plan, std::ostream& out);

}  // namespace rehearsal::simnet
