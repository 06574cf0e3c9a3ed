// Generators of worlds for rapidcheck properties: links, and faults. They shrink towards a world
// without faults: fewer faults, at earlier times, over default links.
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

/// A link with random options, in one direction.
struct PlannedLink {
  /// The name of the sending host.
  std::string from;
  /// The name of the receiving host.
  std::string to;
  /// The options of the link.
  LinkOptions options;
};

/// A fault at a random time, or at a random operation.
struct PlannedFault {
  /// The kinds of faults.
  enum class Kind : std::uint8_t {
    /// Stops the process of `host`, and continues it.
    pause,
    /// Holds the links between `host` and `other`, and releases them.
    hold,
    /// Cuts the links between `host` and `other`, and heals them.
    partition,
    /// Cuts the link from `host` to `other`, and heals it.
    partition_one_way,
    /// Kills the process of `host`, and restarts it.
    kill,
    /// Cuts the power of `host`, and restarts it.
    power_off,
    /// Refuses the `nth` connect of `host`.
    refuse,
    /// Resets the connection at the `nth` send of `host`.
    reset,
    /// Limits the `nth` receive of `host` to one byte.
    trickle
  };

  /// The kind of the fault.
  Kind kind = Kind::pause;
  /// The host at which the fault occurs.
  std::string host;
  /// The other host of `hold`, `partition` and `partition_one_way`.
  std::string other;
  /// Virtual time since the start of the run. Unused by `refuse`, `reset` and `trickle`.
  sched::Duration at{};
  /// Virtual time until the fault ends. Unused by `refuse`, `reset` and `trickle`.
  sched::Duration lasts{};
  /// The operation of `refuse`, `reset` and `trickle`, counted from 1.
  std::uint64_t nth = 1;
};

/// A random world: its hosts, links and faults.
struct WorldPlan {
  /// The names of all hosts.
  std::vector<std::string> hosts;
  /// The links that do not have default options, each pair of hosts at most once.
  std::vector<PlannedLink> links;
  /// The faults.
  std::vector<PlannedFault> faults;

  /// Creates the hosts in `world`, and sets up the links and faults. Every fault ends during the
  /// run, if the run lasts long enough. A fault that never fires is not an error.
  void apply(World& world) const;
};

/// Which faults are generated.
struct FaultKinds {
  FaultKinds() = default;

  /// Whether to generate faults that break connections: kill, power_off, refuse and reset.
  bool breaks_connections = true;
  /// The latest start of a fault, since the start of the run.
  sched::Duration latest = std::chrono::seconds(2);
  /// The longest duration of a fault.
  sched::Duration longest = std::chrono::seconds(2);
};

/// Returns a generator of link options: latency up to 50 ms more than the default, and each of
/// these in a quarter of the cases: jitter up to 20 ms, a bandwidth from 10 kB/s to 10 MB/s, loss
/// and duplication up to 20%.
[[nodiscard]] rc::Gen<LinkOptions> link_options();
/// Returns a generator of faults. With one host it generates no fault that needs two. Fails a CHECK
/// if `hosts` is empty.
[[nodiscard]] rc::Gen<PlannedFault> planned_faults(const std::vector<std::string>& hosts,
                                                   const FaultKinds& kinds = {});
/// Returns a generator of links between some pairs of the hosts.
[[nodiscard]] rc::Gen<std::vector<PlannedLink>> planned_links(
    const std::vector<std::string>& hosts);
/// Returns a generator of worlds with these hosts. Fails a CHECK if `hosts` is empty.
[[nodiscard]] rc::Gen<WorldPlan> world_plans(const std::vector<std::string>& hosts,
                                             const FaultKinds& kinds = {});

/// Prints a link, for rapidcheck.
void showValue(const PlannedLink& link, std::ostream& out);
/// Prints a fault, for rapidcheck.
void showValue(const PlannedFault& fault, std::ostream& out);
/// Prints a plan, for rapidcheck.
void showValue(const WorldPlan& plan, std::ostream& out);

}  // namespace rehearsal::simnet
