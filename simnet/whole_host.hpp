// WholeHost: a host, its kernel and its program in one memory block, in the order in which an event
// uses them. It is apart from SimulatedHost so that a test does not compile a kernel.
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
  // The scheduler, the first member of the program, begins a cache line.
  alignas(64) std::optional<Program> program_;
};

}  // namespace rehearsal::simnet
