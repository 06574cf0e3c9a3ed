// Prefetch: loads into the cache what the next turns of hosts will use, since a world of many hosts
// does not fit there. No result depends on it. All of it is in this file pair, a friend of the
// classes whose memory it loads.
#pragma once

namespace rehearsal::sched {
class Waiter;
}

namespace rehearsal::simnet {

class Kernel;
class SimulatedHost;
class TcpEnd;
class World;

class Prefetch {
 public:
  // Called before each turn of a host.
  static void next_turns(const World& world);

 private:
  // Return the address of a part without reading the host.
  static const Kernel& kernel(const SimulatedHost& host);
  static const void* program(const SimulatedHost& host);
  static void arrival(SimulatedHost& host);
  static void peer(const SimulatedHost& host);
  static const sched::Waiter* receiver(const SimulatedHost& host);
};

}  // namespace rehearsal::simnet
