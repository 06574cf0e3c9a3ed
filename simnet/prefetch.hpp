// Prefetch: fetches into the cache what the next turns of hosts will touch; a world of many hosts
// does not fit there. No result depends on it. All of it is in this file pair, a friend of the
// classes whose memory it fetches.
#pragma once

#include <cstdint>
#include <vector>

#include "sched/seam/source.hpp"

namespace rehearsal::sched {
class Waiter;
}

namespace rehearsal::simnet {

class SimulatedHost;
class TcpEnd;
class World;

class Prefetch {
 public:
  // Called before each turn of a host.
  void next_turns(const World& world);

 private:
  void arrival(const SimulatedHost& host);
  void peer(const SimulatedHost& host) const;
  [[nodiscard]] const sched::Waiter* receiver(const SimulatedHost& host) const;

  // By the number of the host: the descriptor at which its next segment arrives, as it was some
  // turns ago; -1 if its next event is something else.
  std::vector<sched::Descriptor> arrives_at_;
};

}  // namespace rehearsal::simnet
