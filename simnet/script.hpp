// What happens to a world at a fixed time: world.at(2s).partition("a", "b").
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "sched/base/time.hpp"
#include "sched/seam/network.hpp"

namespace rehearsal::simnet {

class World;

class Script {
 public:
  Script(World& world, sched::Duration at) : world_(world), at_(at) {}

  // As the functions of World and SimulatedHost. Each returns the script, to add more at the same
  // time.
  Script& partition(std::string_view a, std::string_view b);
  Script& partition_one_way(std::string_view from, std::string_view to);
  Script& hold(std::string_view a, std::string_view b);
  Script& heal(std::string_view a, std::string_view b);
  Script& heal_all();
  Script& kill(std::string_view host);
  Script& power_off(std::string_view host);
  Script& restart(std::string_view host);
  Script& pause(std::string_view host);
  Script& resume(std::string_view host);
  Script& raise(std::string_view host, int signal);
  Script& post(std::string_view host, std::string_view inbox, sched::Message message);
  Script& run(std::function<void()> action);

 private:
  World& world_;
  sched::Duration at_;
};

}  // namespace rehearsal::simnet
