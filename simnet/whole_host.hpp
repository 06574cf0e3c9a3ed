// WholeHost: a host with its kernel and its program in one piece of memory, in the order
// in which an event uses them. Apart from SimulatedHost, so that a test does not compile a kernel.
#pragma once

#include <optional>
#include <string>
#include <utility>

#include "simnet/kernel/kernel.hpp"
#include "simnet/simulated_host.hpp"

namespace rehearsal::simnet {

class WholeHost final : public SimulatedHost {
 public:
  WholeHost(World& world, Fabric& fabric, std::string name, const HostOptions& options)
      : SimulatedHost(world, kernel_, program_), kernel_(fabric, std::move(name), options) {
    boot();
  }
  ~WholeHost() override { running_ = false; }

 private:
  friend class Prefetch;

  Kernel kernel_;
  // The scheduler, first in the program, begins a line of the cache.
  alignas(64) std::optional<Program> program_;
};

}  // namespace rehearsal::simnet
