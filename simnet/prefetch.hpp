// Prefetch: fetches into the cache what the next turns of hosts will touch; a world of many hosts
// does not fit there. No result depends on it. All of it is in this file pair, a friend of the
// classes whose memory it fetches.
#pragma once

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
  static void host(const SimulatedHost& host);
  // The end whose timer is due next.
  static void end(const Kernel& kernel);
};

}  // namespace rehearsal::simnet
