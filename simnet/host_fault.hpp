// HostFault: a fault of a host or of a pair of hosts that a scenario's programs must survive.
#pragma once

#include <cstdint>
#include <string>

#include "sched/base/time.hpp"
#include "simnet/choices/site.hpp"

namespace rehearsal::simnet {

/// A fault that a policy may inject; see World::survives(). Create one with the functions below. A
/// fault happens before a turn of the host, or at a call that one of its tasks makes on a socket.
struct HostFault {
  /// The kind of the fault.
  Site site = Site::crash;
  /// The host, or the first host of a pair.
  std::string host;
  /// The second host of a pair; empty for a fault of one host.
  std::string other;

  /// Returns the name of the fault in reports, such as "crash of db" or "partition of db+client".
  [[nodiscard]] std::string name() const;
  /// Returns the name of the pair, such as "db+client" or "db>client"; empty for one host.
  [[nodiscard]] std::string pair() const;
};

/// The process of `host` is killed, as by SimulatedHost::kill(), and restarts after the duration.
HostFault crash(std::string host);
/// `host` loses power, as by SimulatedHost::power_off(), and starts again after the duration.
HostFault power_loss(std::string host);
/// The process of `host` stops for the duration. At a call, the rest of the turn happens after it,
/// whatever happens to the host meanwhile.
HostFault pause(std::string host);
/// The clock of `host` jumps forward by the duration: at a call, or after a turn.
HostFault clock_jump(std::string host);
/// No packet passes between `a` and `b` for the duration, as by World::partition().
HostFault partition(std::string a, std::string b);
/// No packet passes from `from` to `to` for the duration, as by World::partition_one_way().
HostFault partition_one_way(std::string from, std::string to);
/// Packets between `a` and `b` are held back for the duration, as by World::hold().
HostFault hold(std::string a, std::string b);

/// Bounds of the faults of one run. The rates of the scenario say how often each kind happens and
/// how many milliseconds it lasts at most.
struct FaultBudget {
  /// How many faults last at the same time at most.
  std::uint32_t at_once = 1;
  /// How many faults happen in the run at most.
  std::uint32_t in_all = 2;
  /// When the quiet period begins, since the start of the world: faults begin and end before. A
  /// deadline of World::eventually() counts from then, if it was set earlier.
  sched::Duration until = std::chrono::seconds(10);
};

}  // namespace rehearsal::simnet
