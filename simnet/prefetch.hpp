// Prefetch: fetches into the cache what the next turns of hosts will touch; a world of many hosts
// does not fit there. No result depends on it. All of it is in this file pair, a friend of the
// classes whose memory it fetches.
#pragma once

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
  static void next_turns(const World& world);

 private:
  static const TcpEnd* next_end(const SimulatedHost* host);
  static const sched::Waiter* receiver(const SimulatedHost& host, const TcpEnd& end);
  static void host(const SimulatedHost* host);
  static void end(const SimulatedHost* host);
  static void end_at(const void* first);
  static void arrival(const SimulatedHost* host);
  static void peer(const TcpEnd& end);
};

}  // namespace rehearsal::simnet
