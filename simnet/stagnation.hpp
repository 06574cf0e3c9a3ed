// Stagnation: finds a deadlock that timers hide, such as heartbeats beside a client that waits
// forever. Without it, such a run continues until WorldOptions::time_limit.
//
// A run is stuck if two things are true for WorldOptions::stuck_after of virtual time, by default
// 1,000 s, which is longer than TCP retransmits (924.6 s):
// - Nothing new has happened: each task was resumed at a line at which its host had resumed a task
//   before; no fault, action or condition of the scenario and no older timer is left that could
//   change that.
// - A task of a host that is not in the background has waited all the time, without a timer, and
//   for something else than the end of another task.
// A program that counts its own repetitions for longer, and then wakes such a task, needs a longer
// `stuck_after`.
#pragma once

#include <cstdint>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "sched/base/key_table.hpp"
#include "sched/base/time.hpp"
#include "sched/core/executor.hpp"

namespace rehearsal::simnet {

class SimulatedHost;
class World;

class Stagnation {
 public:
  // `world` must outlive this object. A run is stuck after `after` of virtual time, at least 1 ns.
  Stagnation(World& world, sched::Duration after);

  // Returns when look() is due.
  [[nodiscard]] sched::Instant next() const { return next_; }
  // Returns the tasks that are stuck; none if the run is not stuck. `quiet` says that the scenario
  // has nothing left to do. REQUIRES: the world's time is at least next().
  [[nodiscard]] std::vector<sched::TaskInfo> look(bool quiet);

 private:
  using Wait = std::pair<std::string, sched::Instant>;  // the path of a task, and since when
  // The numbers of the next timers that a host sets, such as a sleep and TCP's keepalive.
  struct NextTimers {
    std::uint64_t program = 0;
    std::uint64_t kernel = 0;
  };

  void listen();
  void begin();
  // Returns the waits that may last forever.
  [[nodiscard]] std::vector<sched::TaskInfo> waits() const;
  [[nodiscard]] bool has_older_timer() const;

  World& world_;
  sched::Duration after_;
  sched::Instant next_;
  bool listens_ = false;
  bool news_ = true;  // something new has happened since begin()
  // Hosts, and lines at which one of their tasks was resumed. `known_` has the keys of those that
  // were met, by the address of the name of the file, which differs between the sources that
  // include a header.
  std::set<std::pair<std::uint32_t, std::pair<std::string_view, unsigned>>> seen_;
  KeyTable<bool> known_;
  // At begin():
  std::set<Wait> waits_;
  std::vector<NextTimers> timers_;  // by host
};

}  // namespace rehearsal::simnet
