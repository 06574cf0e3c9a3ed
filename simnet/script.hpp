// Script: what happens to a world at a fixed time, as in world.at(2s).partition("a", "b").
#pragma once

#include <functional>
#include <source_location>
#include <string>
#include <string_view>

#include "sched/base/time.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::simnet {

class World;

/// Adds actions to a world at a fixed virtual time. Get one from World::at(). Actions at the same
/// time happen in the order in which they were added. Every function returns the script, so calls
/// can be chained. The world must outlive it. Hosts are looked up when the action happens; a name
/// that the world does not have fails a CHECK.
class Script {
 public:
  /// Creates a script that adds to `world` at `at` after its start. Reports name its actions by the
  /// line `where`.
  Script(World& world, sched::Duration at,
         std::source_location where = std::source_location::current())
      : world_(world), at_(at), where_(where) {}

  /// Cuts the links between two hosts in both directions; see World::partition().
  Script& partition(std::string_view a, std::string_view b);
  /// Cuts the link from one host to another; see World::partition_one_way().
  Script& partition_one_way(std::string_view from, std::string_view to);
  /// Holds what two hosts send each other; see World::hold().
  Script& hold(std::string_view a, std::string_view b);
  /// Ends a partition or a hold between two hosts; see World::heal().
  Script& heal(std::string_view a, std::string_view b);
  /// Ends every partition and hold; see World::heal_all().
  Script& heal_all();
  /// Kills the process of a host; see SimulatedHost::kill().
  Script& kill(std::string_view host);
  /// Cuts the power of a host; see SimulatedHost::power_off().
  Script& power_off(std::string_view host);
  /// Starts a host again; see SimulatedHost::restart().
  Script& restart(std::string_view host);
  /// Stops the process of a host; see SimulatedHost::pause().
  Script& pause(std::string_view host);
  /// Continues the process of a host; see SimulatedHost::resume().
  Script& resume(std::string_view host);
  /// Sends a signal to the process of a host; see SimulatedHost::raise().
  Script& raise(std::string_view host, int signal);
  /// Sends a message to an inbox of a host's program; see SimulatedHost::post().
  Script& post(std::string_view host, std::string_view inbox, sched::Message message);
  /// Calls `action()`, outside of every task.
  Script& run(std::function<void()> action);

 private:
  World& world_;
  sched::Duration at_;
  std::source_location where_;
};

}  // namespace rehearsal::simnet
