// PendingEvent: what a world is about to do, for a person who looks at a run.
#pragma once

#include <map>
#include <string>

#include "sched/base/time.hpp"

namespace rehearsal::simnet {

class SimulatedHost;
class World;

struct PendingEvent {
  std::string place;  // the host or task; "world" if it belongs to none
  std::string what;

  // Pending events by their instants on the world's clock; `never` for those of a host that is
  // paused without an end.
  using Queue = std::multimap<sched::Instant, PendingEvent>;
  // Returns what all hosts and the world are about to do. Events of one instant are in the order in
  // which they happen if no choice deviates.
  [[nodiscard]] static Queue all(const World& world);

 private:
  static void add(Queue& queue, const World& world, const SimulatedHost& host);
};

}  // namespace rehearsal::simnet
